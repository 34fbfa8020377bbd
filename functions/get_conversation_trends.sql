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
