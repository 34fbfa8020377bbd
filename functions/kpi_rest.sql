-- function: romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)
-- Purpose: what romashka.kpi_pieces leaves to facts between the first edge and the last,
--   with neighbours made one: each is a look into an index.
-- Parameters: as those of kpi_pieces; whether days may be used. Hours are not.
-- Rows: half-open ranges.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_rest(edges timestamptz[], zone text, minutes integer, days boolean)
RETURNS TABLE (lo timestamptz, hi timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER ROWS 5 SET search_path = '' AS $$
  SELECT min(r.lo), max(r.hi)
  FROM (SELECT n.lo, n.hi, sum(n.apart) OVER (ORDER BY n.lo) AS place
        FROM (SELECT p.lo, p.hi, CASE WHEN pg_catalog.lag(p.hi) OVER (ORDER BY p.lo) = p.lo THEN 0 ELSE 1 END AS apart
              FROM romashka.kpi_pieces(edges, zone, minutes, days, false) AS p WHERE p.kind = 'f') AS n) AS r
  GROUP BY r.place
$$;

REVOKE ALL ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) IS 'What days leave to facts';
