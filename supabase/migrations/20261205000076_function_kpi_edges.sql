-- Written by `make generate` from functions/kpi_edges.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:b500e90121b7520f58ecd25e238534fe96aa9dce651970497b62ce640d13b447' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_edges(timestamp with time zone, timestamp with time zone, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_edges' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_edges' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_edges(timestamp with time zone, timestamp with time zone, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_edges(timestamp with time zone, timestamp with time zone, text, text)
-- Purpose: the ends of a range, as instants, and of the hours, days, weeks or months
--   in it. A moment that is midnight in the session's own zone names that day, and
--   means its beginning in the zone that is asked for: '2026-03-01' is 1 March of the
--   tenant, wherever the server stands. Any other moment is itself.
-- Parameters: from, default 30 days ago; to, exclusive, default the end of today; the
--   zone, not NULL; grain: hour, day, week, month, or NULL for the range as a whole.
-- Returns: at least two edges, ascending. The first and last slot are cut by the range.
--   22023 for a range that is empty, of more than 20 years or 1,000 slots, or a grain
--   that is none of these.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_edges(from_date timestamptz, to_date timestamptz, zone text, grain text)
RETURNS timestamptz[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  here   CONSTANT text := pg_catalog.current_setting('TimeZone');
  today  CONSTANT date := (pg_catalog.now() AT TIME ZONE zone)::date;
  lo     timestamptz := COALESCE(from_date, romashka.kpi_midnight(today - 30, zone));
  hi     timestamptz := COALESCE(to_date, romashka.kpi_midnight(today + 1, zone));
  start  date;
  week   CONSTANT integer := COALESCE(pg_catalog.array_position('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[],
                               pg_catalog.lower(romashka.setting('kpi_targets') ->> 'first_weekday')), 1);
  inner_edges timestamptz[];
BEGIN
  IF grain NOT IN ('hour', 'day', 'week', 'month') THEN
    RAISE EXCEPTION 'grain "%" is none of hour, day, week, month', grain USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF from_date IS NOT NULL AND pg_catalog.isfinite(from_date) AND (from_date AT TIME ZONE here)::time = '00:00' THEN
    lo := romashka.kpi_midnight((from_date AT TIME ZONE here)::date, zone);
  END IF;
  IF to_date IS NOT NULL AND pg_catalog.isfinite(to_date) AND (to_date AT TIME ZONE here)::time = '00:00' THEN
    hi := romashka.kpi_midnight((to_date AT TIME ZONE here)::date, zone);
  END IF;
  IF NOT pg_catalog.isfinite(lo) OR NOT pg_catalog.isfinite(hi) OR lo >= hi OR hi - lo > interval '7320 days' THEN
    RAISE EXCEPTION 'the range from % to % is empty or longer than 20 years', lo, hi
      USING ERRCODE = 'invalid_parameter_value', HINT = 'to_date is exclusive, and must come after from_date.';
  END IF;
  IF grain IS NULL THEN
    RETURN ARRAY[lo, hi];
  END IF;
  IF hi - lo > (1000 * CASE grain WHEN 'hour' THEN interval '1 hour' WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' ELSE interval '31 days' END) THEN
    RAISE EXCEPTION 'the range has more than 1000 slots of one %', grain USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for a coarser grain.';
  END IF;
  IF grain = 'hour' THEN
    RETURN romashka.kpi_hours(lo, hi, zone);
  END IF;
  start := (lo AT TIME ZONE zone)::date;
  start := CASE grain WHEN 'week' THEN start - (EXTRACT(isodow FROM start)::integer - week + 7) % 7
                      WHEN 'month' THEN pg_catalog.date_trunc('month', start)::date ELSE start END;
  SELECT pg_catalog.array_agg(DISTINCT d.at ORDER BY d.at) INTO inner_edges
  FROM pg_catalog.generate_series(start::timestamp, hi AT TIME ZONE zone + interval '1 day', ('1 ' || grain)::interval) AS g (day)
  CROSS JOIN LATERAL (SELECT romashka.kpi_midnight(g.day::date, zone) AS at) AS d
  WHERE d.at > lo AND d.at < hi;
  RETURN lo || COALESCE(inner_edges, '{}') || hi;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_edges(timestamptz, timestamptz, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_edges(timestamptz, timestamptz, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_edges(timestamptz, timestamptz, text, text) IS 'The ends of a range and of what is in it';
$text$;
made := to_regprocedure('romashka.kpi_edges(timestamp with time zone, timestamp with time zone, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_edges', 'romashka.kpi_edges(timestamp with time zone, timestamp with time zone, text, text)', wanted, now(), s.definition
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
