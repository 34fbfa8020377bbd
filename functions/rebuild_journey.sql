-- function: romashka.rebuild_journey()
-- Purpose: the job journey from scratch, for `romashka jobs run journey --rebuild`, see
--   refresh_journey. It gives the bytes that the job gives by going on.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.rebuild_journey(OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  SELECT r.done || ' customers', r.more INTO result, more FROM romashka.refresh_journey(true) AS r;
END
$$;

REVOKE ALL ON FUNCTION romashka.rebuild_journey() FROM PUBLIC;
COMMENT ON FUNCTION romashka.rebuild_journey() IS 'The job journey from scratch';
