-- Written by `make generate` from migrations/20261130010100_alert_state.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261130010100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Alerts were told, and nobody could ask which of them are firing. Whoever sees every
-- conversation may read in which state the rules are (get_alert_state): a value tells
-- of all of them.
GRANT SELECT ON romashka.figure_alerts TO authenticated, service_role;
DROP POLICY IF EXISTS "Only the owner" ON romashka.figure_alerts;
DROP POLICY IF EXISTS "Who sees every conversation" ON romashka.figure_alerts;
CREATE POLICY "Who sees every conversation" ON romashka.figure_alerts
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261130010100, 'alert_state', 'f8374f41e491bb096fe2684fe1a9f065da0620c48d2983c138cf68ac2bf646e8', now());
END
$romashka$;
