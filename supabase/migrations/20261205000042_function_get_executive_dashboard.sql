-- Written by `make generate` from functions/get_executive_dashboard.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:64b516b10cd14355c3f83b52ee72cb8731c9e64d6672440414a200c80a8e9d42' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_executive_dashboard' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_executive_dashboard' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[])
-- Purpose: the key figures of a period, beside those of the period before and of
--   the same period a year before; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each figure. value is NULL with a reason where rows are missing.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_executive_dashboard(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, compare boolean DEFAULT false,
  channel text DEFAULT NULL, team text DEFAULT NULL, agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL,
  figures text[] DEFAULT NULL)
RETURNS TABLE (figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  previous_value numeric, previous_numerator numeric, previous_denominator numeric, change numeric,
  year_value numeric, year_numerator numeric, year_denominator numeric, year_change numeric,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  filters  CONSTANT text[] := ARRAY[channel, team, agent, priority, language, NULL]::text[];
  chosen   CONSTANT text[] := romashka.kpi_chosen(figures, NULL);
  first    CONSTANT timestamp := edges[1] AT TIME ZONE zone_now;
  last     CONSTANT timestamp := edges[2] AT TIME ZONE zone_now;
  before   CONSTANT timestamptz[] := ARRAY[(first - (last - first)) AT TIME ZONE zone_now, edges[1]];
  year_ago CONSTANT timestamptz[] := ARRAY[(first - interval '1 year') AT TIME ZONE zone_now, (last - interval '1 year') AT TIME ZONE zone_now];
  fresh    romashka.kpi_facts[];
BEGIN
  IF romashka.unchanged('get_executive_dashboard', pg_catalog.jsonb_build_array(from_date, to_date, compare, channel, team, agent, priority, language, figures), zone_now) THEN
    RETURN;
  END IF;
  fresh := romashka.kpi_waiting(CASE WHEN compare THEN LEAST(before[1], year_ago[1]) ELSE edges[1] END, edges[2]);
  RETURN QUERY
  SELECT r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason,
         p.value, p.numerator, p.denominator, r.value - p.value, y.value, y.numerator, y.denominator, r.value - y.value,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM romashka.kpi_report(edges, 'all', filters, chosen, fresh => fresh) AS r
  LEFT JOIN romashka.kpi_report(before, 'all', filters, CASE WHEN compare THEN chosen ELSE '{}' END, fresh => fresh) AS p ON p.figure = r.figure
  LEFT JOIN romashka.kpi_report(year_ago, 'all', filters, CASE WHEN compare THEN chosen ELSE '{}' END, fresh => fresh) AS y ON y.figure = r.figure
  ORDER BY r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[]) IS 'The key figures of a period';
$text$;
made := to_regprocedure('public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_executive_dashboard', 'public.get_executive_dashboard(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text, text[])', wanted, now(), s.definition
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
