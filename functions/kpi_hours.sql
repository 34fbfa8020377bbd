-- function: romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)
-- Purpose: the full hours of a zone's clock in a half-open range, with its ends.
-- Returns: edges, ascending; 22023 for a range of more than 800 days.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_hours(lo timestamptz, hi timestamptz, zone text)
RETURNS timestamptz[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  IF hi - lo > interval '800 days' THEN
    RAISE EXCEPTION 'the range from % to % has too many hours', lo, hi
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for 800 days at most.';
  END IF;
  RETURN lo || ARRAY(
    SELECT e.at
    FROM pg_catalog.generate_series(pg_catalog.date_trunc('hour', lo AT TIME ZONE zone) AT TIME ZONE zone - interval '1 hour', hi, interval '30 minutes') AS e (at) -- a clock may change by half an hour
    WHERE e.at > lo AND e.at < hi AND pg_catalog.date_trunc('hour', e.at AT TIME ZONE zone) = e.at AT TIME ZONE zone ORDER BY e.at) || hi;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) IS 'The full hours in a range';
