ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS previous_by_filter;
CREATE INDEX IF NOT EXISTS kpi_facts_customer ON romashka.kpi_facts (customer);
DROP INDEX IF EXISTS romashka.kpi_facts_customer_start;
DROP INDEX IF EXISTS romashka.kpi_previous_filtered;
ALTER TABLE romashka.kpi_previous
  DROP COLUMN IF EXISTS customer, DROP COLUMN IF EXISTS channel, DROP COLUMN IF EXISTS team, DROP COLUMN IF EXISTS agent,
  DROP COLUMN IF EXISTS priority, DROP COLUMN IF EXISTS language, DROP COLUMN IF EXISTS previous_channel, DROP COLUMN IF EXISTS previous_team,
  DROP COLUMN IF EXISTS previous_agent, DROP COLUMN IF EXISTS previous_priority, DROP COLUMN IF EXISTS previous_language, DROP COLUMN IF EXISTS previous_same;
