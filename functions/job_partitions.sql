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
