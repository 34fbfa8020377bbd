-- function: public.get_topics(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text[])
-- Purpose: topics of conversations: volume, outcome and satisfaction of each intent
--   and tag; the arguments are those of internal/analytics/kpi/definitions.md, "Ranges".
--   Figures are those of its list; all of conversations that started in the range.
-- Rows: one for each intent (kind intent) or tag (kind tag) that has conversations, and
--   figure. A conversation has one intent and any number of tags.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_topics(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, channel text DEFAULT NULL, team text DEFAULT NULL,
  agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL, figures text[] DEFAULT NULL)
RETURNS TABLE (kind text, topic text, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  filters  CONSTANT text[] := ARRAY[channel, team, agent, priority, language, NULL]::text[];
  chosen   CONSTANT text[] := romashka.kpi_chosen(figures, '{conversations,resolved,resolution_rate,ai_resolution_rate,handoff_rate,missed_rate,first_response_median,resolution_time_median,csat,csat_mean,ai_accuracy,ai_unsure_answers}');
  fresh    romashka.kpi_facts[];
BEGIN
  IF romashka.unchanged('get_topics', pg_catalog.jsonb_build_array(from_date, to_date, channel, team, agent, priority, language, figures), zone_now) THEN
    RETURN;
  END IF;
  fresh := romashka.kpi_waiting(edges[1], edges[2]);
  RETURN QUERY
  SELECT k.kind, r.key, r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM (VALUES ('intent', 'topic'), ('tag', 'tag')) AS k (kind, level)
  CROSS JOIN LATERAL romashka.kpi_report(edges, k.level, filters, chosen, fresh => fresh) AS r
  ORDER BY k.kind, r.key, r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_topics(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_topics(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_topics(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text[]) IS 'What conversations are about';
