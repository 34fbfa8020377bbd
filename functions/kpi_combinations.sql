-- function: romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])
-- Purpose: the combinations of channel, team, priority and language that filters leave of
--   those that occur in a half-open range, as the indexes of romashka.kpi_cubes and
--   romashka.kpi_facts have them. A few more may be among them.
-- Parameters: the range; filters as those of romashka.kpi_sums.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_combinations(from_at timestamptz, to_at timestamptz, filters text[])
RETURNS bigint[] LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' AS $$
  SELECT pg_catalog.array_agg(DISTINCT f.combination)
  FROM romashka.kpi_cubes AS f
  WHERE f.level = 'all' AND f.value = '' AND f.bucket > from_at - interval '2 days' AND f.bucket < to_at
    AND (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
    AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5])
$$;

REVOKE ALL ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) IS 'The combinations of channel, team, priority and language that filters leave';
