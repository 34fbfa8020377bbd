-- Written by `make generate` from functions/get_busy_hours.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4caace2ffe1a4da115b821538050b43040df3e505a53cc39a98030884636f28a' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_busy_hours' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_busy_hours' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text)
-- Purpose: when conversations start, by weekday and hour; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: 168: weekday 1 (Monday) to 7, hour 0 to 23; hours is how many such hours of the range
--   have begun, first_response_mean is NULL for fewer than 5 answers.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_busy_hours(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, channel text DEFAULT NULL, team text DEFAULT NULL,
  agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL)
RETURNS TABLE (weekday integer, hour integer, conversations bigint, hours bigint, conversations_per_hour numeric, answered bigint, first_response_mean numeric,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  range    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  edges    CONSTANT timestamptz[] := romashka.kpi_hours(range[1], range[2], zone_now);
BEGIN
  IF romashka.unchanged('get_busy_hours', pg_catalog.jsonb_build_array(from_date, to_date, channel, team, agent, priority, language,
       pg_catalog.date_bin('15 minutes', pg_catalog.now(), timestamptz '2000-01-01 00:00+00')), zone_now) THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH starts AS (
    SELECT e.at, EXTRACT(isodow FROM e.at AT TIME ZONE zone_now)::integer AS weekday, EXTRACT(hour FROM e.at AT TIME ZONE zone_now)::integer AS hour
    FROM unnest(edges[:pg_catalog.cardinality(edges) - 1]) AS e (at)
  ), spans AS (
    SELECT s.weekday, s.hour, count(*) FILTER (WHERE s.at <= pg_catalog.now()) AS hours FROM starts AS s GROUP BY s.weekday, s.hour
  ), started AS (
    SELECT s.weekday, s.hour, sum(k.conversations)::bigint AS n, sum(k.answered)::bigint AS answered, sum(k.response_ms) AS waited
    FROM romashka.kpi_starts(edges, ARRAY[channel, team, agent, priority, language, NULL]::text[]) AS k JOIN starts AS s ON s.at = k.bucket
    GROUP BY s.weekday, s.hour
  )
  SELECT d.weekday, h.hour, COALESCE(t.n, 0), COALESCE(p.hours, 0), pg_catalog.round(COALESCE(t.n, 0)::numeric / NULLIF(p.hours, 0), 3), COALESCE(t.answered, 0),
         CASE WHEN t.answered >= 5 THEN pg_catalog.round(t.waited / 1000 / t.answered, 3) END,
         range[1], range[2], zone_now, range[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM pg_catalog.generate_series(1, 7) AS d (weekday)
  CROSS JOIN pg_catalog.generate_series(0, 23) AS h (hour)
  LEFT JOIN spans AS p ON p.weekday = d.weekday AND p.hour = h.hour
  LEFT JOIN started AS t ON t.weekday = d.weekday AND t.hour = h.hour
  ORDER BY d.weekday, h.hour;
END
$$;

REVOKE ALL ON FUNCTION public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text) IS 'When conversations start, by weekday and hour';
$text$;
made := to_regprocedure('public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_busy_hours', 'public.get_busy_hours(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text)', wanted, now(), s.definition
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
