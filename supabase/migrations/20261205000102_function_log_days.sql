-- Written by `make generate` from functions/log_days.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:37723014b7488777f3168b40da3dbe4cf19d7aff1cf06a6f9d3431d16976aa3c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.log_days()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'log_days' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'log_days' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.log_days()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.log_days()
-- Purpose: the partitions of the API log.
-- Rows: relation; since, until (NULL for no bound); other, the one for rows that no day
--   has. None where the log is one table.
-- Who: the owner, by way of the functions and checks that look after the log.
CREATE OR REPLACE FUNCTION romashka.log_days()
RETURNS TABLE (relation regclass, since timestamptz, until timestamptz, other boolean)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
  SELECT d.oid::regclass,
         pg_catalog.substring(d.bound, 'FROM \(''([^'']+)''\)')::timestamptz,
         pg_catalog.substring(d.bound, 'TO \(''([^'']+)''\)')::timestamptz,
         d.bound = 'DEFAULT'
  FROM (SELECT c.oid, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = pg_catalog.to_regclass('public.api_security_logs') AND c.relispartition) AS d
$$;

REVOKE ALL ON FUNCTION romashka.log_days() FROM PUBLIC;
COMMENT ON FUNCTION romashka.log_days() IS 'The partitions of the API log, with their bounds';
$text$;
made := to_regprocedure('romashka.log_days()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'log_days', 'romashka.log_days()', wanted, now(), s.definition
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
