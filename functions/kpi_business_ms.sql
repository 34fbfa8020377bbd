-- function: romashka.kpi_business_ms(timestamp with time zone, timestamp with time zone, text, jsonb, jsonb)
-- Purpose: how much of a wait lay in business hours, in milliseconds.
-- Parameters: the wait's ends; the zone; business_hours, an object by lower-case
--   English weekday of {"start": "09:00", "end": "17:00"} or a list of those, a day
--   that is not there being closed, spans that overlap counting once; holidays, a list of dates or of {"date": ...}, or
--   an object with that list as dates. A holiday on which a share is worked counts
--   as a working day, and a country's calendar is not known here.
-- Returns: NULL without an end or business hours, for a wait of more than 366 days, and where
--   the hours cannot be read.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_business_ms(from_at timestamptz, to_at timestamptz, zone text, hours jsonb, holidays jsonb)
RETURNS bigint LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  first CONSTANT date := (from_at AT TIME ZONE zone)::date;
  last  CONSTANT date := (to_at AT TIME ZONE zone)::date;
BEGIN
  IF from_at IS NULL OR to_at IS NULL OR hours IS NULL OR pg_catalog.jsonb_typeof(hours) <> 'object' OR to_at < from_at OR last - first > 366 THEN
    RETURN NULL;
  END IF;
  RETURN (
    SELECT COALESCE(pg_catalog.floor(sum(EXTRACT(epoch FROM upper(u.open) - lower(u.open))) * 1000), 0)::bigint
    FROM unnest((
      SELECT pg_catalog.range_agg(pg_catalog.tstzrange(o.begins, o.ends)) -- spans that overlap count once
      FROM (SELECT first + n AS day FROM pg_catalog.generate_series(0, last - first) AS g (n)) AS d
      CROSS JOIN LATERAL (SELECT hours -> pg_catalog.lower(pg_catalog.to_char(d.day, 'FMDay')) AS spans) AS w
      CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(
        CASE pg_catalog.jsonb_typeof(w.spans) WHEN 'array' THEN w.spans WHEN 'object' THEN pg_catalog.jsonb_build_array(w.spans) ELSE '[]' END) AS s (span)
      CROSS JOIN LATERAL (SELECT GREATEST(from_at, (d.day + (s.span ->> 'start')::time) AT TIME ZONE zone) AS begins,
                                 LEAST(to_at, (d.day + (s.span ->> 'end')::time) AT TIME ZONE zone) AS ends) AS o
      WHERE pg_catalog.jsonb_typeof(s.span) = 'object' AND o.begins < o.ends
        AND NOT EXISTS (
          SELECT FROM pg_catalog.jsonb_array_elements(CASE 'array' WHEN pg_catalog.jsonb_typeof(holidays) THEN holidays
            WHEN pg_catalog.jsonb_typeof(holidays -> 'dates') THEN holidays -> 'dates' ELSE '[]' END) AS h (day)
          WHERE COALESCE(h.day ->> 'date', h.day #>> '{}') = d.day::text AND COALESCE((h.day ->> 'share')::numeric, 0) = 0)
    )) AS u (open));
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_business_ms(timestamptz, timestamptz, text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_business_ms(timestamptz, timestamptz, text, jsonb, jsonb) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_business_ms(timestamptz, timestamptz, text, jsonb, jsonb) IS 'How much of a wait lay in business hours';
