-- Written by `make generate` from functions/partition_begin.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:afbdee33017d33dea458839a7e5d6242afe3b178f1e405399f29b5deb6a44deb' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_begin(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_begin' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_begin' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_begin(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_begin(timestamp with time zone)
-- Purpose: the first half of making the API log a table of partitions: promises that each
--   of its rows is from before a day, by a constraint that is not checked yet. Rows of a
--   later day wait in a table of their own; there are few, since they are dated ahead.
-- Parameters: the day, its beginning in UTC.
-- Rows: how many rows wait.
-- Locks: ACCESS EXCLUSIVE on the log, for moments. Validating the constraint comes
--   afterwards, and keeps nobody out.
-- Who: the owner, by `romashka migrate partition`. Until partition_swap() no row of the day
--   can come, so the job partitions takes it back in time (partition_abort).
CREATE OR REPLACE FUNCTION romashka.partition_begin(cut timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
DECLARE
  aside bigint;
BEGIN
  LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
  PERFORM romashka.partition_abort();
  CREATE TABLE romashka.api_security_logs_aside (LIKE public.api_security_logs);
  PERFORM romashka.shut_partition('romashka.api_security_logs_aside');
  WITH moved AS (DELETE FROM public.api_security_logs AS l WHERE l."timestamp" >= cut OR l."timestamp" IS NULL RETURNING l.*)
  INSERT INTO romashka.api_security_logs_aside SELECT m.* FROM moved AS m;
  GET DIAGNOSTICS aside = ROW_COUNT;
  EXECUTE pg_catalog.format(
    'ALTER TABLE public.api_security_logs ADD CONSTRAINT romashka_past CHECK ("timestamp" IS NOT NULL AND "timestamp" < %L) NOT VALID', cut);
  RETURN aside;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_begin(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_begin(timestamptz) IS 'Begins to make the API log a table of partitions';
$text$;
made := to_regprocedure('romashka.partition_begin(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_begin', 'romashka.partition_begin(timestamp with time zone)', wanted, now(), s.definition
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
