-- function: romashka.kpi_number(jsonb)
-- Purpose: a JSON number that money can be counted with.
-- Returns: NULL for a value that is no number, below 0 or above a million millions.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_number(value jsonb)
RETURNS numeric LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT v.n FROM (SELECT CASE WHEN pg_catalog.jsonb_typeof(value) = 'number' THEN value::text::numeric END AS n) AS v WHERE v.n BETWEEN 0 AND 1e12
$$;

REVOKE ALL ON FUNCTION romashka.kpi_number(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_number(jsonb) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_number(jsonb) IS 'A JSON number, NULL for anything else';
