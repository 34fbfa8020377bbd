DROP POLICY IF EXISTS "Who sees every conversation" ON romashka.figure_alerts;
DROP POLICY IF EXISTS "Only the owner" ON romashka.figure_alerts;
CREATE POLICY "Only the owner" ON romashka.figure_alerts FOR ALL TO authenticated USING (false);
REVOKE SELECT ON romashka.figure_alerts FROM authenticated, service_role;
