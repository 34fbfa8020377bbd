-- Written by `make generate` from migrations/20261202000300_open_facts.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261202000300) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_operational_dashboard looked at each open conversation in its table, a page each:
-- 10,000 of a million. An index has what it asks of them.
DROP INDEX IF EXISTS romashka.kpi_facts_open;
CREATE INDEX IF NOT EXISTS kpi_facts_open ON romashka.kpi_facts (started_at)
  INCLUDE (conversation_id, channel, team, agent, priority, language, waiting_since) WHERE open = 1;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261202000300, 'open_facts', 'c7e529501f066b5faf626a8dfc8ab27653da07105304accd77891138255699b0', now());
END
$romashka$;
