-- function: romashka.job_kpi(timestamp with time zone)
-- Purpose: the job kpi, see refresh_kpi; and count_log.
-- Parameters: when it was last done; of no use here.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_kpi(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  PERFORM romashka.count_log();
  SELECT r.done || ' conversations', r.more INTO result, more FROM romashka.refresh_kpi() AS r;
END
$$;

REVOKE ALL ON FUNCTION romashka.job_kpi(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_kpi(timestamp with time zone) IS 'The job kpi';
