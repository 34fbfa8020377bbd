DELETE FROM romashka.kpi_pairs WHERE dimension LIKE '%,%';
COMMENT ON TABLE romashka.kpi_pairs IS 'Sums and waits of kpi_facts by day, one filter and one grouping';
ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS pairs_of_two;
