-- function: romashka.kpi_target(jsonb, text, text)
-- Purpose: a target of system_settings, kpi_targets, for one priority.
-- Parameters: kpi_targets; which target; the priority. {"first_response_seconds":
--   {"urgent": 60, "default": 300}}: the priority's own, else that of default.
-- Returns: milliseconds, NULL where none is set or it is no positive number.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_target(targets jsonb, name text, priority text)
RETURNS bigint LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT (t.seconds::text::numeric * 1000)::bigint
  FROM (SELECT COALESCE(targets -> name -> priority, targets -> name -> 'default') AS seconds) AS t
  WHERE pg_catalog.jsonb_typeof(t.seconds) = 'number' AND t.seconds::text::numeric BETWEEN 0.001 AND 1e9
$$;

REVOKE ALL ON FUNCTION romashka.kpi_target(jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_target(jsonb, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_target(jsonb, text, text) IS 'A target for one priority, in milliseconds';
