-- Written by `make generate` from functions/forget_tables.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:aa1094617f1ae4e943c2ab8ca8f59b103899e650abac8af55e0ca82a04c98ea7' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.forget_tables()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'forget_tables' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'forget_tables' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.forget_tables()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.forget_tables()
-- Purpose: takes the trigger of Realtime off one table that nobody has wanted to know
--   of for ten minutes: one a call, so that no table is locked for another's sake.
-- Returns: whether it did; false also where the table is in use.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.forget_tables()
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '200ms' AS $$
DECLARE
  item record;
BEGIN
  DELETE FROM romashka.realtime_tables AS t
  WHERE t.watched_until < pg_catalog.clock_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = t.relid AND g.tgname = 'romashka_realtime');
  FOR item IN
    SELECT g.tgrelid AS relid, g.tgrelid::regclass::text AS name
    FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
    WHERE g.tgname = 'romashka_realtime' AND g.tgfoid = 'romashka.note_change()'::regprocedure AND NOT g.tgisinternal
      AND g.tgargs LIKE pg_catalog.convert_to(g.tgrelid::text, 'SQL_ASCII') || '\x0025'::bytea -- not one of its parent's
      AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
      AND pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('romashka.realtime ' || g.tgrelid, 0))
  LOOP
    CONTINUE WHEN EXISTS (SELECT FROM romashka.realtime_tables AS t
                          WHERE t.relid = item.relid AND t.watched_until > pg_catalog.clock_timestamp() - interval '10 minutes');
    BEGIN
      EXECUTE pg_catalog.format('DROP TRIGGER romashka_realtime ON %s', item.name);
      RETURN true;
    EXCEPTION WHEN lock_not_available OR undefined_object OR undefined_table THEN
      CONTINUE; -- the next call tries again
    END;
  END LOOP;
  RETURN false;
END
$$;

REVOKE ALL ON FUNCTION romashka.forget_tables() FROM PUBLIC;
COMMENT ON FUNCTION romashka.forget_tables() IS 'Takes the trigger of Realtime off a table that nobody watches';
$text$;
made := to_regprocedure('romashka.forget_tables()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'forget_tables', 'romashka.forget_tables()', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
