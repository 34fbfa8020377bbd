ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS pairs;
DROP TABLE IF EXISTS romashka.kpi_pairs;
