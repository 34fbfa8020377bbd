-- function: romashka.refresh_dashboard(uuid[], boolean)
-- Purpose: brings romashka.dashboard_rows up to conversations that have changed, and
--   drops those of more than three days ago.
-- Parameters: the conversations; whether all are to be made anew, as the first time.
-- Who: the owner, as romashka.refresh_kpi() is, which calls it.
CREATE OR REPLACE FUNCTION romashka.refresh_dashboard(ids uuid[], anew boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  oldest CONSTANT timestamptz := pg_catalog.now() - interval '3 days';
  since  CONSTANT timestamptz := (SELECT s.dashboard_since FROM romashka.kpi_state AS s);
BEGIN
  IF anew OR since IS NULL THEN
    DELETE FROM romashka.dashboard_rows;
    INSERT INTO romashka.dashboard_rows SELECT * FROM romashka.read_dashboard_rows(NULL, oldest);
  ELSE
    DELETE FROM romashka.dashboard_rows AS r WHERE r.started_at <= oldest OR r.conversation_id = ANY (ids);
    INSERT INTO romashka.dashboard_rows SELECT * FROM romashka.read_dashboard_rows(ids, oldest) AS r WHERE ids IS NOT NULL;
  END IF;
  UPDATE romashka.kpi_state AS s SET dashboard_since = oldest;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_dashboard(uuid[], boolean) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_dashboard(uuid[], boolean) IS 'Brings the rows of the analytics dashboard up to what has changed';
