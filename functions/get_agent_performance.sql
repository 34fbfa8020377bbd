-- function: public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])
-- Purpose: figures of each agent (who wrote last in the conversation, else whom it
--   is assigned to), and of those without one; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each agent_id that has conversations, and figure.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_agent_performance(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, compare boolean DEFAULT false,
  channel text DEFAULT NULL, team text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL, figures text[] DEFAULT NULL)
RETURNS TABLE (agent_id text, agent_name text, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text, previous_value numeric, change numeric,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  before   CONSTANT timestamptz[] := ARRAY[(edges[1] AT TIME ZONE zone_now - (edges[2] AT TIME ZONE zone_now - edges[1] AT TIME ZONE zone_now)) AT TIME ZONE zone_now, edges[1]];
  filters  CONSTANT text[] := ARRAY[channel, team, NULL, priority, language, NULL]::text[];
  chosen   CONSTANT text[] := romashka.kpi_chosen(figures, '{conversations,open,resolved,human_resolved,reopened,human_involved,handoffs,agent_messages,resolution_rate,first_contact_resolution_rate,human_first_response_median,human_first_response_p90,next_response_mean,resolution_time_median,handling_time_mean,sla_first_response_rate,sla_resolution_rate,csat,csat_mean,online_time,occupancy}');
BEGIN
  IF romashka.unchanged('get_agent_performance', pg_catalog.jsonb_build_array(from_date, to_date, compare, channel, team, priority, language, figures, (SELECT pg_catalog.md5(pg_catalog.string_agg(p.id::text || p.full_name, ',' ORDER BY p.id)) FROM public.profiles AS p
       WHERE p.id::text IN (SELECT c.value FROM romashka.kpi_cells AS c WHERE c.grain = 'd' AND c.level = 'agent' AND c.bucket > edges[1] - interval '2 days' AND c.bucket < edges[2]))), zone_now) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT r.key, n.full_name, r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason, p.value, r.value - p.value,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 1
  FROM romashka.kpi_report(edges, 'agent', filters, chosen) AS r
  LEFT JOIN romashka.kpi_report(before, 'agent', filters, CASE WHEN compare THEN chosen ELSE '{}' END) AS p ON p.key = r.key AND p.figure = r.figure
  LEFT JOIN LATERAL (SELECT a.full_name FROM public.profiles AS a WHERE a.id::text = r.key) AS n ON true
  ORDER BY r.key, r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) IS 'Figures of each agent';
