-- function: romashka.kpi_span(timestamp with time zone, timestamp with time zone)
-- Purpose: how many conversations of a half-open range are kept as facts, whatever is
--   filtered: so many are looked at where they are looked at one by one.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_span(from_at timestamptz, to_at timestamptz)
RETURNS bigint LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' AS $$
  WITH pieces AS MATERIALIZED (
    SELECT p.* FROM romashka.kpi_state AS s CROSS JOIN LATERAL romashka.kpi_pieces(ARRAY[from_at, to_at], s.zone, s.minutes, true, true) AS p
  )
  SELECT COALESCE((SELECT sum(c.conversations) FROM pieces AS p JOIN romashka.kpi_cells AS c ON c.grain = p.kind AND c.bucket >= p.lo AND c.bucket < p.hi
                   WHERE p.kind <> 'f' AND c.level = 'all'), 0)::bigint
    + (SELECT count(*) FROM pieces AS p JOIN romashka.kpi_facts AS f ON f.started_at >= p.lo AND f.started_at < p.hi WHERE p.kind = 'f')
$$;

REVOKE ALL ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) IS 'How many conversations a range has';
