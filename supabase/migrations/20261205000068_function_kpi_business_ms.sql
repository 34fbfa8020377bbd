-- Written by `make generate` from functions/kpi_business_ms.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:7d9c352b297f05e54c7cb6fd6fa8ff086da3b0b223c0c91ef049c2460f548329' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_business_ms(timestamp with time zone, timestamp with time zone, text, jsonb, jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_business_ms' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_business_ms' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_business_ms(timestamp with time zone, timestamp with time zone, text, jsonb, jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.kpi_business_ms(timestamp with time zone, timestamp with time zone, text, jsonb, jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_business_ms', 'romashka.kpi_business_ms(timestamp with time zone, timestamp with time zone, text, jsonb, jsonb)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
