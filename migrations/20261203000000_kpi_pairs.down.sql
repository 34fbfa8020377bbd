ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS pairs;
DROP INDEX IF EXISTS romashka.kpi_facts_agent_combination;
DROP TABLE IF EXISTS romashka.kpi_pairs;
