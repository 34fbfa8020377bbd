-- function: romashka.rebuild_kpi()
-- Purpose: the job kpi from scratch, for `romashka jobs run kpi --rebuild`, see
--   refresh_kpi. It gives the bytes that the job gives by going on.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.rebuild_kpi(OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  SELECT r.done || ' conversations', r.more INTO result, more FROM romashka.refresh_kpi(true) AS r;
  IF more THEN -- changes are noted from this run's end on; all rows are read by the next
    UPDATE romashka.kpi_state AS s SET ready = false WHERE s.ready;
    result := 'changes are noted from now on; the next run reads all rows';
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.rebuild_kpi() FROM PUBLIC;
COMMENT ON FUNCTION romashka.rebuild_kpi() IS 'The job kpi from scratch';
