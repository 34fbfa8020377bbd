-- function: romashka.job_retention(timestamp with time zone)
-- Purpose: the job retention, see cleanup_old_analytics_data.
-- Parameters: when it was last done; of no use here.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_retention(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  -- A bound, so that no transaction is long: the rest is due at once.
  most    CONSTANT integer := 50000;
  deleted bigint;
BEGIN
  SELECT sum(d.deleted_rows), bool_or(d.deleted_rows >= most) INTO deleted, more
  FROM public.cleanup_old_analytics_data(most) AS d;
  result := COALESCE(deleted, 0) || ' rows deleted';
END
$$;

REVOKE ALL ON FUNCTION romashka.job_retention(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_retention(timestamp with time zone) IS 'The job retention';
