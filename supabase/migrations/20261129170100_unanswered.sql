-- Written by `make generate` from migrations/20261129170100_unanswered.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129170100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Each answer of figures with a validator counts the unanswered conversations that are
-- too young to be missed; without an index that reads all facts.
CREATE INDEX IF NOT EXISTS kpi_facts_unanswered ON romashka.kpi_facts (asked_at) WHERE unanswered = 1;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129170100, 'unanswered', 'ab0e3cb04ae0f11f5b810a9eac4c012bad1a0c8ace3cc91908f1a49a2a12b17b', now());
END
$romashka$;
