DROP INDEX IF EXISTS romashka.kpi_facts_sample;
CREATE INDEX IF NOT EXISTS kpi_facts_sample ON romashka.kpi_facts (started_at, customer) WHERE customer_sample = 0;
