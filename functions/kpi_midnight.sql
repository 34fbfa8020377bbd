-- function: romashka.kpi_midnight(date, text)
-- Purpose: the beginning of a day in a zone. Where clocks go back over midnight (Havana,
--   the Azores) it comes twice, and the day begins with the first; PostgreSQL takes
--   the second.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_midnight(day date, zone text)
RETURNS timestamptz LANGUAGE sql STABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN ((d.at - interval '1 hour') AT TIME ZONE zone)::date = day THEN d.at - interval '1 hour' ELSE d.at END
  FROM (SELECT day::timestamp AT TIME ZONE zone AS at) AS d
$$;

REVOKE ALL ON FUNCTION romashka.kpi_midnight(date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_midnight(date, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_midnight(date, text) IS 'The beginning of a day in a zone';
