-- function: public.get_channel_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])
-- Purpose: figures of each channel; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each channel_type that has conversations, and figure.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_channel_performance(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, compare boolean DEFAULT false, team text DEFAULT NULL,
  agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL, figures text[] DEFAULT NULL)
RETURNS TABLE (channel_type text, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text, previous_value numeric, change numeric,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  before   CONSTANT timestamptz[] := ARRAY[(edges[1] AT TIME ZONE zone_now - (edges[2] AT TIME ZONE zone_now - edges[1] AT TIME ZONE zone_now)) AT TIME ZONE zone_now, edges[1]];
  filters  CONSTANT text[] := ARRAY[NULL, team, agent, priority, language, NULL]::text[];
  chosen   CONSTANT text[] := romashka.kpi_chosen(figures, '{conversations,contacts,open,resolved,ai_resolved,human_resolved,abandoned,reopened,missed,resolution_rate,ai_resolution_rate,automation_rate,handoff_rate,missed_rate,first_response_median,first_response_p90,resolution_time_median,csat,csat_mean,revenue}');
  fresh    romashka.kpi_facts[];
BEGIN
  IF romashka.unchanged('get_channel_performance', pg_catalog.jsonb_build_array(from_date, to_date, compare, team, agent, priority, language, figures), zone_now) THEN
    RETURN;
  END IF;
  fresh := romashka.kpi_waiting(CASE WHEN compare THEN before[1] ELSE edges[1] END, edges[2]);
  RETURN QUERY
  SELECT r.key, r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason, b.value, r.value - b.value,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM romashka.kpi_report(edges, 'channel', filters, chosen, fresh => fresh) AS r
  LEFT JOIN romashka.kpi_report(before, 'channel', filters, CASE WHEN compare THEN chosen ELSE '{}' END, fresh => fresh) AS p ON p.key = r.key AND p.figure = r.figure
  CROSS JOIN LATERAL (SELECT CASE WHEN p.figure IS NOT NULL THEN p.value WHEN compare AND r.value IS NOT NULL AND r.denominator IS NULL THEN 0 END AS value) AS b -- counts of a channel that had none before
  ORDER BY r.key, r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_channel_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_channel_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_channel_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) IS 'Figures of each channel';
