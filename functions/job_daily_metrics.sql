-- function: romashka.job_daily_metrics(timestamp with time zone)
-- Purpose: the job daily_metrics, see refresh_daily_metrics.
-- Parameters: when it was last done, NULL: never.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_daily_metrics(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  today CONSTANT date := (pg_catalog.now() AT TIME ZONE romashka.kpi_zone(NULL))::date;
BEGIN
  -- A conversation of some days ago may be resolved or rated today. The first
  -- time, as far back as any page looks.
  result := romashka.refresh_daily_metrics(COALESCE((last_run AT TIME ZONE 'UTC')::date - 7, today - 366), today) || ' days';
END
$$;

REVOKE ALL ON FUNCTION romashka.job_daily_metrics(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_daily_metrics(timestamp with time zone) IS 'The job daily_metrics';
