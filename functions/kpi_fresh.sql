-- function: romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])
-- depends: romashka.kpi_facts
-- Purpose: the facts of changed conversations of a half-open range: those that were
--   handed on, else read.
-- Parameters: the conversations; the range; fresh, as romashka.kpi_waiting gives them.
-- Rows: as romashka.kpi_facts.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_fresh(ids uuid[], from_at timestamptz, to_at timestamptz, fresh romashka.kpi_facts[])
RETURNS SETOF romashka.kpi_facts LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
BEGIN
  IF fresh IS NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_read_facts(ids, from_at, to_at);
  ELSE
    RETURN QUERY SELECT f.* FROM unnest(fresh) AS f WHERE f.started_at >= from_at AND f.started_at < to_at;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) IS 'The facts of changed conversations';
