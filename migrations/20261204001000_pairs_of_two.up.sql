-- Topics and tags by two filters added up the cubes of all combinations that the filters
-- leave, 77 to 111 ms of a million conversations, and of the agent none, whom most have, read
-- every fact: 1.2 s. Their sums are rows of kpi_pairs now: dimension is both filters with a
-- comma between, wanted the array of both values.
COMMENT ON TABLE romashka.kpi_pairs IS 'Sums and waits of kpi_facts by day, one filter and one grouping, or two filters and topic or tag';
-- Whether it has those rows, which the job kpi makes; until then cubes and facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS pairs_of_two boolean NOT NULL DEFAULT false;
