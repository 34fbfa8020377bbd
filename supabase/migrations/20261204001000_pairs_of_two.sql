-- Written by `make generate` from migrations/20261204001000_pairs_of_two.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261204001000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Topics and tags by two filters added up the cubes of all combinations that the filters
-- leave, 77 to 111 ms of a million conversations, and of the agent none, whom most have, read
-- every fact: 1.2 s. Their sums are rows of kpi_pairs now: dimension is both filters with a
-- comma between, wanted the array of both values.
COMMENT ON TABLE romashka.kpi_pairs IS 'Sums and waits of kpi_facts by day, one filter and one grouping, or two filters and topic or tag';
-- Whether it has those rows, which the job kpi makes; until then cubes and facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS pairs_of_two boolean NOT NULL DEFAULT false;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261204001000, 'pairs_of_two', 'c82afefdcd59eabfc49a380e85745af66e2e369584fcb791682cce7a9cb0bbd5', now());
END
$romashka$;
