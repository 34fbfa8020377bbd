-- Written by `make generate` from migrations/20261129170200_insights.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129170200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Insights and recommendations are findings that passed a test. A week that is tested
-- again and again finds something by chance, so each is judged once, and that it was
-- judged is kept, also where nothing was found.
CREATE TABLE IF NOT EXISTS romashka.insight_weeks (
  week             date PRIMARY KEY, -- its Monday, in the tenant's zone
  judged_at        timestamptz NOT NULL DEFAULT now(),
  change_tests     integer NOT NULL,
  changes          integer NOT NULL, -- told
  difference_tests integer NOT NULL,
  recommendations  integer NOT NULL  -- told
);
COMMENT ON TABLE romashka.insight_weeks IS 'Which weeks were judged, by how many tests, and how much was told';
ALTER TABLE romashka.insight_weeks ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.insight_weeks FROM PUBLIC, anon, authenticated, service_role;
DROP POLICY IF EXISTS "Only the owner" ON romashka.insight_weeks;
CREATE POLICY "Only the owner" ON romashka.insight_weeks FOR ALL TO authenticated USING (false);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129170200, 'insights', '403c5a9d71d52c377f3fd313984d88eab9db3b5368a611fa8979d1ef372ff5f1', now());
END
$romashka$;
