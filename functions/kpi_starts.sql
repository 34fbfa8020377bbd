-- function: romashka.kpi_starts(timestamp with time zone[], text[])
-- Purpose: when conversations started, with their first responses: what get_busy_hours
--   shows. By one filter cells have it, by several an index alone, for it is asked by the
--   hour, which cubes do not have.
-- Parameters: edges and filters as those of romashka.kpi_sums.
-- Rows: bucket, the edge at which a range begins; a range without conversations may be missing.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_starts(edges timestamptz[], filters text[])
RETURNS TABLE (bucket timestamptz, conversations bigint, answered bigint, response_ms bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' AS $$
DECLARE
  last    CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  combinations bigint[];
BEGIN
  IF pg_catalog.cardinality(pg_catalog.array_remove(filters, NULL)) < 2 OR filters[6] IS NOT NULL OR pg_catalog.array_position(changed, NULL) IS NOT NULL
     OR NOT EXISTS (SELECT FROM romashka.kpi_state AS s WHERE s.ready AND s.cubes) THEN
    RETURN QUERY SELECT s.bucket, s.conversations, s.answered, s.response_ms FROM romashka.kpi_sums(edges, 'all', filters) AS s;
    RETURN;
  END IF;
  combinations := romashka.kpi_combinations(edges[1], last, filters);
  RETURN QUERY
  SELECT edges[p.slot], sum(p.n)::bigint, sum(p.n * p.answered)::bigint, sum(p.n * p.response_ms)::bigint
  FROM (
    SELECT pg_catalog.width_bucket(f.started_at, edges) AS slot, 1::bigint AS n, f.answered, f.response_ms
    FROM unnest(combinations) AS o (combination)
    CROSS JOIN LATERAL (SELECT i.started_at, i.answered, i.response_ms FROM romashka.kpi_facts AS i
      WHERE (i.combination, i.started_at) >= (o.combination, edges[1]) AND (i.combination, i.started_at) < (o.combination, last) OFFSET 0) AS f
    WHERE filters[3] IS NULL
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), 1, f.answered, f.response_ms
    FROM (SELECT i.started_at, i.combination, i.answered, i.response_ms FROM romashka.kpi_facts AS i
      WHERE i.agent = filters[3] AND i.started_at >= edges[1] AND i.started_at < last OFFSET 0) AS f
    WHERE f.combination = ANY (combinations)
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), f.n, f.answered, f.response_ms
    FROM (SELECT -1 AS n, o.* FROM romashka.kpi_facts AS o WHERE o.conversation_id = ANY (changed) AND o.started_at >= edges[1] AND o.started_at < last
          UNION ALL SELECT 1, r.* FROM romashka.kpi_read_facts(changed, edges[1], last) AS r WHERE changed IS NOT NULL) AS f
    WHERE (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2]) AND (filters[3] IS NULL OR f.agent = filters[3])
      AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5])
  ) AS p
  GROUP BY p.slot;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) IS 'When conversations started, with their first responses';
