DROP INDEX IF EXISTS romashka.kpi_facts_unanswered;
