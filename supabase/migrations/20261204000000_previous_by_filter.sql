-- Written by `make generate` from migrations/20261204000000_previous_by_filter.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261204000000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A page of contacts with a filter looked for an earlier conversation of the same customer,
-- that meets the filter too, beside every row between its first and last: 368 ms of a million
-- conversations. When the customer's one before with the same channel, team, agent, priority
-- or language began is kept now as well: by one filter that is the answer. By several, the one
-- before with all five the same leaves out most; of the others an index alone tells.
ALTER TABLE romashka.kpi_previous
  ADD COLUMN IF NOT EXISTS customer          uuid, -- this and what follows: NULL of rows made before, until the job kpi has filled it
  ADD COLUMN IF NOT EXISTS channel           text,
  ADD COLUMN IF NOT EXISTS team              text,
  ADD COLUMN IF NOT EXISTS agent             text,
  ADD COLUMN IF NOT EXISTS priority          text,
  ADD COLUMN IF NOT EXISTS language          text,
  ADD COLUMN IF NOT EXISTS previous_channel  timestamptz, -- when his one before of this channel began
  ADD COLUMN IF NOT EXISTS previous_team     timestamptz,
  ADD COLUMN IF NOT EXISTS previous_agent    timestamptz,
  ADD COLUMN IF NOT EXISTS previous_priority timestamptz,
  ADD COLUMN IF NOT EXISTS previous_language timestamptz,
  ADD COLUMN IF NOT EXISTS previous_same     timestamptz; -- of which all five are the same
CREATE INDEX IF NOT EXISTS kpi_previous_filtered ON romashka.kpi_previous (started_at DESC, conversation_id)
  INCLUDE (customer, channel, team, agent, priority, language, previous_channel, previous_team, previous_agent, previous_priority, previous_language, previous_same);
CREATE INDEX IF NOT EXISTS kpi_facts_customer_start ON romashka.kpi_facts (customer, started_at, conversation_id) INCLUDE (channel, team, agent, priority, language);
DROP INDEX IF EXISTS romashka.kpi_facts_customer; -- which the one before begins with

-- Whether those columns are filled, which the job kpi does; until then facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS previous_by_filter boolean NOT NULL DEFAULT false;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261204000000, 'previous_by_filter', '5610a09f9eae5d229cb6ebb8d0d36989828ea511b7ced22ef941f676b03670b9', now());
END
$romashka$;
