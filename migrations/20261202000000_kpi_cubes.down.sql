ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS cubes;
DROP INDEX IF EXISTS romashka.kpi_facts_agent;
DROP INDEX IF EXISTS romashka.kpi_facts_sample_64;
DROP INDEX IF EXISTS romashka.kpi_facts_combination;
ALTER TABLE romashka.kpi_facts DROP COLUMN IF EXISTS combination;
DROP TABLE IF EXISTS romashka.kpi_cubes;
