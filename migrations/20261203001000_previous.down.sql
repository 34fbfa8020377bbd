ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS previous;
DROP TABLE IF EXISTS romashka.kpi_previous;
