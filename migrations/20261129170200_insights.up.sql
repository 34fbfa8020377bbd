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
