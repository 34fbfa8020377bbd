-- Each answer of figures with a validator counts the unanswered conversations that are
-- too young to be missed; without an index that reads all facts.
CREATE INDEX IF NOT EXISTS kpi_facts_unanswered ON romashka.kpi_facts (asked_at) WHERE unanswered = 1;
