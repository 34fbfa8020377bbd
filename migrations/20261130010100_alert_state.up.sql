-- Alerts were told, and nobody could ask which of them are firing. Whoever sees every
-- conversation may read in which state the rules are (get_alert_state): a value tells
-- of all of them.
GRANT SELECT ON romashka.figure_alerts TO authenticated, service_role;
DROP POLICY IF EXISTS "Only the owner" ON romashka.figure_alerts;
DROP POLICY IF EXISTS "Who sees every conversation" ON romashka.figure_alerts;
CREATE POLICY "Who sees every conversation" ON romashka.figure_alerts
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));
