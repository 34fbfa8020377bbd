-- A question with one filter and another grouping, as topics of a channel, added up the
-- cubes of all combinations that the filter leaves: 14,722 of a million conversations and
-- 30 days; and cubes do not have an agent's topics, so that every fact of the agent was read,
-- which took 10 s for the two thirds that have none. Those sums are kept too.
CREATE TABLE IF NOT EXISTS romashka.kpi_pairs (
  LIKE romashka.kpi_cells, -- grain is d
  dimension text NOT NULL,      -- that is filtered: channel, team, agent, priority, language
  wanted    text NOT NULL,      -- its one value
  bins      smallint[] NOT NULL, -- of waits, as those of kpi_cubes
  counts    integer[] NOT NULL,
  PRIMARY KEY (dimension, wanted, level, bucket, value)
);
COMMENT ON TABLE romashka.kpi_pairs IS 'Sums and waits of kpi_facts by day, one filter and one grouping';
CREATE INDEX IF NOT EXISTS kpi_pairs_bucket ON romashka.kpi_pairs (bucket);
-- An agent's topics under a second filter are of facts, and all of the agent's were read.
CREATE INDEX IF NOT EXISTS kpi_facts_agent_combination ON romashka.kpi_facts (agent, combination, started_at);

ALTER TABLE romashka.kpi_pairs ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_pairs FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_pairs TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_pairs;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_pairs
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

-- Whether kpi_pairs is filled, which the job kpi does; until then cubes and facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS pairs boolean NOT NULL DEFAULT false;
