-- Written by `make generate` from functions/job_partitions.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a88596e0ac01f3837d12a035d2523ff20c4c36839441f3ec600e78d9bb2c3987' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.job_partitions(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'job_partitions' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'job_partitions' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.job_partitions(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.job_partitions(timestamp with time zone)
-- Purpose: the job partitions: makes the days to come of a partitioned API log, and once a
--   day its statistics, which PostgreSQL does not do by itself. Where making it one was
--   begun and left, it takes that back half a day before rows would be refused.
-- Parameters: when it was last done; of no use here.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_partitions(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '500ms' AS $$
DECLARE
  ahead CONSTANT integer := 7;
  made  integer;
BEGIN
  more := false;
  IF NOT EXISTS (SELECT FROM romashka.log_days()) THEN
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
               WHERE k.conrelid = pg_catalog.to_regclass('public.api_security_logs') AND k.conname = 'romashka_past'
                 AND pg_catalog.substring(pg_catalog.pg_get_constraintdef(k.oid), '''([^'']+)''')::timestamptz < pg_catalog.now() + interval '12 hours') THEN
      PERFORM romashka.partition_abort();
      result := 'the API log is as it was: romashka migrate partition was begun, and not finished';
    END IF;
    RETURN;
  END IF;
  made := romashka.partition_ahead(ahead);
  IF made > 0 THEN
    result := pg_catalog.format('%s days made', made);
    RETURN; -- statistics take their time, which the locks of new days are not to last
  END IF;
  IF COALESCE(pg_catalog.pg_stat_get_last_analyze_time('public.api_security_logs'::regclass), '-infinity') < pg_catalog.now() - interval '1 day' THEN
    ANALYZE public.api_security_logs;
  END IF;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
  result := 'the log is in use, and is tried again';
  more := false;
END
$$;

REVOKE ALL ON FUNCTION romashka.job_partitions(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_partitions(timestamp with time zone) IS 'The job partitions';
$text$;
made := to_regprocedure('romashka.job_partitions(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'job_partitions', 'romashka.job_partitions(timestamp with time zone)', wanted, now(), s.definition
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
