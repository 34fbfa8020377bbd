-- function: romashka.job_journey(timestamp with time zone)
-- Purpose: the job journey, see refresh_journey.
-- Parameters: when it was last done; of no use here.
-- Row: result, NULL where nobody's conversations have changed; more; see run_claimed_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_journey(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  SELECT NULLIF(r.done, 0) || ' customers', r.more INTO result, more FROM romashka.refresh_journey() AS r;
END
$$;

REVOKE ALL ON FUNCTION romashka.job_journey(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_journey(timestamp with time zone) IS 'The job journey';
