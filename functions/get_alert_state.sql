-- function: public.get_alert_state()
-- Purpose: each rule on a figure (kpi_targets.alerts, and departures from what was to
--   be expected) as the job alerts left it.
-- Rows: rule, title; state: quiet, near (beyond its limit, not for long enough) or
--   firing; value, NULL with the reason in basis; since when it is in that state;
--   back_since: firing, and back within its limits since; how often it fired; when it
--   was looked at, which is long ago where no job runs.
-- Who: signed-in users who see every conversation; others get none.
CREATE OR REPLACE FUNCTION public.get_alert_state()
RETURNS TABLE (rule text, title text, state text, value numeric, basis text, changed_at timestamptz, back_since timestamptz, fired integer, looked_at timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT a.key, a.title, a.state, a.value, a.basis, a.changed_at, a.back_since, a.fired, a.looked_at
  FROM romashka.figure_alerts AS a
  ORDER BY a.state = 'firing' DESC, a.state = 'near' DESC, a.title, a.key
$$;

REVOKE ALL ON FUNCTION public.get_alert_state() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_alert_state() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_alert_state() IS 'The rules on figures, and in which state each is';
