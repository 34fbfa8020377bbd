DROP INDEX IF EXISTS romashka.kpi_facts_open;
CREATE INDEX IF NOT EXISTS kpi_facts_open ON romashka.kpi_facts (started_at) WHERE open = 1;
