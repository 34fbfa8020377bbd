-- Written by `make generate` from functions/get_ai_performance.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:977f98b7291c992a40562225cca69cafb712d54947a2fd57964dede0d0e0e38a' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_ai_performance' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_ai_performance' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])
-- Purpose: how the AI does, for the range or, for its learning, by week or another
--   grain; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each period and figure; without figures, for the range as a whole also
--   calibration by tenths of the score (detail; expected is the mean score) and
--   handoff_reason (detail).
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_ai_performance(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, grain text DEFAULT NULL, zone text DEFAULT NULL, channel text DEFAULT NULL,
  team text DEFAULT NULL, agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL, figures text[] DEFAULT NULL)
RETURNS TABLE (period text, detail text, expected numeric, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, grain);
  filters  CONSTANT text[] := ARRAY[channel, team, agent, priority, language, NULL]::text[];
  first    CONSTANT text := pg_catalog.to_char(edges[1] AT TIME ZONE zone_now, 'YYYY-MM-DD"T"HH24:MI');
BEGIN
  IF romashka.unchanged('get_ai_performance', pg_catalog.jsonb_build_array(from_date, to_date, grain, channel, team, agent, priority, language, figures), zone_now) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT pg_catalog.to_char(edges[r.slot] AT TIME ZONE zone_now, 'YYYY-MM-DD"T"HH24:MI'), NULL::text, NULL::numeric,
         r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason,
         edges[r.slot], edges[r.slot + 1], zone_now, edges[r.slot + 1] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM romashka.kpi_report(edges, 'all', filters, romashka.kpi_chosen(figures,
    '{ai_involved,ai_resolved,handoffs,ai_involvement_rate,ai_resolution_rate,ai_held_resolution_rate,automation_rate,containment_rate,handoff_rate,ai_first_response_median,ai_first_response_p90,ai_csat,ai_answers,ai_accuracy,ai_confidence_mean,ai_brier_score,ai_unsure_answers,ai_unsure_rate}')) AS r
  ORDER BY r.slot, r.place;
  IF figures IS NOT NULL THEN
    RETURN;
  END IF;
  -- Of answers with a score of one tenth the share that was confirmed: where it is
  -- far from expected, the mean score, the score cannot be taken at its word.
  RETURN QUERY
  WITH w AS MATERIALIZED (
    SELECT k.metric, k.wait, k.n
    FROM romashka.kpi_waits(ARRAY[edges[1], edges[pg_catalog.cardinality(edges)]], 'all', filters, '{score,score_good,score_sum}', false) AS k
  )
  SELECT first, pg_catalog.format('0.%s', d.tenth), pg_catalog.round(c.scores / 100.0 / NULLIF(c.n, 0), 4),
         'calibration'::text, CASE WHEN c.n >= 5 THEN pg_catalog.round(c.good::numeric / c.n, 6) END, 'share'::text, c.good::numeric, c.n::numeric,
         CASE WHEN c.n >= 5 THEN pg_catalog.round(romashka.kpi_wilson(c.good, c.n, -1), 6) END,
         CASE WHEN c.n >= 5 THEN pg_catalog.round(romashka.kpi_wilson(c.good, c.n, 1), 6) END,
         CASE WHEN c.n = 0 THEN 'no rows' WHEN c.n < 5 THEN 'fewer than 5 rows' END,
         edges[1], edges[pg_catalog.cardinality(edges)], zone_now, edges[pg_catalog.cardinality(edges)] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM pg_catalog.generate_series(0, 9) AS d (tenth)
  CROSS JOIN LATERAL (
    SELECT COALESCE(sum(w.n) FILTER (WHERE w.metric = 'score'), 0)::bigint AS n, COALESCE(sum(w.n) FILTER (WHERE w.metric = 'score_good'), 0)::bigint AS good,
           COALESCE(sum(w.n) FILTER (WHERE w.metric = 'score_sum'), 0) AS scores -- no row where all scores are 0
    FROM w WHERE w.wait = d.tenth
  ) AS c;
  RETURN QUERY
  SELECT first, r.key, NULL::numeric, 'handoff_reason'::text, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason,
         edges[1], edges[pg_catalog.cardinality(edges)], zone_now, edges[pg_catalog.cardinality(edges)] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM romashka.kpi_report(ARRAY[edges[1], edges[pg_catalog.cardinality(edges)]], 'reason', filters, '{handoffs}') AS r
  ORDER BY r.value DESC, r.key;
END
$$;

REVOKE ALL ON FUNCTION public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[]) IS 'How the AI does';
$text$;
made := to_regprocedure('public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_ai_performance', 'public.get_ai_performance(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text[])', wanted, now(), s.definition
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
