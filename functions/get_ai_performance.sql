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
