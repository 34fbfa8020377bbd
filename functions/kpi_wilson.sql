-- function: romashka.kpi_wilson(numeric, numeric, integer)
-- Purpose: an end of Wilson's 95 % interval of a share.
-- Parameters: how many of how many; -1 for the lower end, 1 for the upper.
-- Returns: 0 to 1, NULL of none.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_wilson(hits numeric, n numeric, side integer)
RETURNS numeric LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT LEAST(1, GREATEST(0, (hits + 1.9208 + side * 1.96 * pg_catalog.sqrt(hits * (n - hits) / n + 0.9604)) / (n + 3.8416)))
  WHERE n > 0 AND hits BETWEEN 0 AND n
$$;

REVOKE ALL ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) IS 'An end of the 95 % interval of a share';
