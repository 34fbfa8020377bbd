-- Written by `make generate` from functions/get_conversation_trends.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fea302a1b7ee34119838bce1febb282bf14edbab96099bb7286c606a28807b51' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_conversation_trends' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_conversation_trends' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])
-- Purpose: figures by hour, day, week or month; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each period and figure, periods without conversations too; period is
--   its beginning on the clock of the zone.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_conversation_trends(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, grain text DEFAULT 'day', zone text DEFAULT NULL, channel text DEFAULT NULL,
  team text DEFAULT NULL, agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL, figures text[] DEFAULT NULL)
RETURNS TABLE (period text, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, COALESCE(grain, 'day'));
  today    CONSTANT timestamptz := (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now;
  labels   CONSTANT text[] := ARRAY(
    SELECT pg_catalog.to_char(e.edge AT TIME ZONE zone_now, CASE COALESCE(grain, 'day') WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24:MI' ELSE 'YYYY-MM-DD' END)
    FROM unnest(edges) WITH ORDINALITY AS e (edge, slot) ORDER BY e.slot);
BEGIN
  IF romashka.unchanged('get_conversation_trends', pg_catalog.jsonb_build_array(from_date, to_date, grain, channel, team, agent, priority, language, figures), zone_now) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT labels[r.slot], r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason,
         edges[r.slot], edges[r.slot + 1], zone_now, edges[r.slot + 1] > today, 2
  FROM romashka.kpi_report(edges, 'all', ARRAY[channel, team, agent, priority, language, NULL]::text[],
    romashka.kpi_chosen(figures, '{conversations,resolved,ai_resolved,human_resolved,abandoned,missed,resolution_rate,ai_resolution_rate,automation_rate,handoff_rate,first_response_median,first_response_p90,resolution_time_median,csat,csat_mean}')) AS r
  ORDER BY r.slot, r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) IS 'Figures by hour, day, week or month';
$text$;
made := to_regprocedure('public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_conversation_trends', 'public.get_conversation_trends(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])', wanted, now(), s.definition
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
