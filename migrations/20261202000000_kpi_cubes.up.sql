-- A question with two filters read every fact of its range: 725 ms of a million
-- conversations, 7 s of ten million. Facts are added up once more, by day and by each
-- combination of channel, team, priority and language that occurs: for all, and for each
-- agent, topic, tag and reason of handoffs. Any filters are sums of those; what is smaller
-- than a day is read from facts, by an index that knows the combination.
CREATE TABLE IF NOT EXISTS romashka.kpi_cubes (
  LIKE romashka.kpi_cells, -- grain is d
  channel  text NOT NULL,
  team     text NOT NULL,
  priority text NOT NULL,
  language text NOT NULL,
  combination bigint NOT NULL,  -- of these four, as a hash
  bins     smallint[] NOT NULL, -- of waits: 2000 for each metric before it in kpi_waits' list, and the bin of kpi_bins
  counts   integer[] NOT NULL,  -- of each of bins
  PRIMARY KEY (level, value, bucket, channel, team, priority, language) INCLUDE (combination)
);
COMMENT ON TABLE romashka.kpi_cubes IS 'Sums and waits of kpi_facts by day and combination of channel, team, priority and language';
CREATE INDEX IF NOT EXISTS kpi_cubes_combination ON romashka.kpi_cubes (level, combination, bucket);
CREATE INDEX IF NOT EXISTS kpi_cubes_bucket ON romashka.kpi_cubes (bucket);
-- NULL of facts made before, until the job kpi has filled it. A default would be refused,
-- for functions have arguments of this row type.
ALTER TABLE romashka.kpi_facts ADD COLUMN IF NOT EXISTS combination bigint;
CREATE INDEX IF NOT EXISTS kpi_facts_combination ON romashka.kpi_facts (combination, started_at) INCLUDE (answered, response_ms);
-- Customers were counted of one in sixteen, whatever the range; of 3 million conversations
-- that is 400 ms. One in 64 is enough there.
CREATE INDEX IF NOT EXISTS kpi_facts_sample_64 ON romashka.kpi_facts (started_at, customer)
  INCLUDE (channel, team, agent, priority, language, topic) WHERE (uuid_hash(customer) & 63) = 0;
CREATE INDEX IF NOT EXISTS kpi_facts_agent ON romashka.kpi_facts (agent, started_at) INCLUDE (combination, answered, response_ms);

ALTER TABLE romashka.kpi_cubes ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_cubes FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_cubes TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_cubes;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_cubes
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

-- Whether kpi_cubes and the new column are filled, which the job kpi does; until then facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS cubes boolean NOT NULL DEFAULT false;
