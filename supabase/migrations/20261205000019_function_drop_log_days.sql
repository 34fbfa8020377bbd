-- Written by `make generate` from functions/drop_log_days.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:54d5f4316ab58d8d5c29b898f9e50c3e2239a508f5ab689f888fa8344d231e06' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.drop_log_days(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'drop_log_days' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'drop_log_days' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.drop_log_days(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.drop_log_days(timestamp with time zone)
-- Purpose: drops the partitions of the API log all rows of which are from before a time. One
--   that is in use at the moment stays for the next call, and so do all while the log is
--   made one table again, which has their rows already.
-- Parameters: the time.
-- Rows: how many rows went.
-- Locks: ACCESS EXCLUSIVE on the log until the end of the transaction, after half a second
--   of waiting at most: call it last.
-- Who: the owner, by way of cleanup_old_analytics_data(), which knows the period.
CREATE OR REPLACE FUNCTION romashka.drop_log_days(before timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '500ms' AS $$
DECLARE
  day  record;
  here bigint;
  gone bigint := 0;
BEGIN
  IF pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL THEN
    RETURN 0;
  END IF;
  FOR day IN SELECT d.relation FROM romashka.log_days() AS d WHERE NOT d.other AND d.until <= before ORDER BY d.until LOOP
    BEGIN
      EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN SHARE MODE', day.relation); -- so that the count is that of what goes
      EXECUTE pg_catalog.format('SELECT count(*) FROM ONLY %s', day.relation) INTO here;
      EXECUTE pg_catalog.format('DROP TABLE %s', day.relation);
      gone := gone + here;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      EXIT;
    END;
  END LOOP;
  RETURN gone;
END
$$;

REVOKE ALL ON FUNCTION romashka.drop_log_days(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION romashka.drop_log_days(timestamptz) IS 'Drops the days of the API log that are over';
$text$;
made := to_regprocedure('romashka.drop_log_days(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'drop_log_days', 'romashka.drop_log_days(timestamp with time zone)', wanted, now(), s.definition
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
