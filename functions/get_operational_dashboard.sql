-- function: public.get_operational_dashboard(text, text, text, text, text)
-- Purpose: the present moment: open and waiting conversations, agents, and today so
--   far. Figures are those of internal/analytics/kpi/definitions.md.
-- Parameters: channel, team, agent, priority, language: only those.
-- Rows: one for each figure. value is NULL with a reason where rows are missing;
--   waits are seconds at the moment as_of. agents_online, capacity, load and
--   utilisation are of all agents, whatever is filtered.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_operational_dashboard(channel text DEFAULT NULL, team text DEFAULT NULL, agent text DEFAULT NULL,
  priority text DEFAULT NULL, language text DEFAULT NULL)
RETURNS TABLE (figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  as_of timestamptz, time_zone text, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(NULL);
  today    CONSTANT timestamptz := romashka.kpi_midnight((pg_catalog.now() AT TIME ZONE zone_now)::date, zone_now);
  tomorrow CONSTANT timestamptz := romashka.kpi_midnight((pg_catalog.now() AT TIME ZONE zone_now)::date + 1, zone_now);
  filters  CONSTANT text[] := ARRAY[channel, team, agent, priority, language, NULL]::text[];
BEGIN
  RETURN QUERY
  WITH open AS MATERIALIZED (
    SELECT f.agent, f.priority, EXTRACT(epoch FROM pg_catalog.now() - f.waiting_since) AS waits
    FROM romashka.kpi_open_now() AS f
    WHERE (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[3] IS NULL OR f.agent = filters[3]) AND (filters[4] IS NULL OR f.priority = filters[4])
      AND (filters[5] IS NULL OR f.language = filters[5])
  ), state AS (
    SELECT count(*) AS active, count(o.waits) AS waiting, count(*) FILTER (WHERE o.agent = 'none') AS unassigned,
           max(o.waits) AS longest, pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY o.waits) AS median
    FROM open AS o
  ), agents AS (
    SELECT count(*) FILTER (WHERE a.is_online) AS online,
           count(*) FILTER (WHERE a.is_online AND a.status = 'available') AS available,
           COALESCE(sum(a.max_concurrent_chats) FILTER (WHERE a.is_online), 0) AS capacity,
           COALESCE(sum(a.current_chat_count) FILTER (WHERE a.is_online), 0) AS load
    FROM public.agent_availability AS a
  )
  SELECT r.figure, pg_catalog.trim_scale(r.value), r.unit, pg_catalog.trim_scale(r.numerator), r.denominator, r.low, r.high, r.reason, pg_catalog.now(), zone_now, 2
  FROM (
    SELECT v.place, v.figure, v.value::numeric, v.unit, v.numerator::numeric, v.denominator::numeric, NULL::numeric AS low, NULL::numeric AS high,
           CASE WHEN v.value IS NULL THEN v.reason END AS reason
    FROM state AS s, agents AS a, LATERAL (VALUES
      (1,  'active',           s.active::numeric,       'conversations', s.active::numeric, NULL::numeric, NULL),
      (2,  'waiting',          s.waiting,               'conversations', s.waiting,         NULL,          NULL),
      (3,  'unassigned',       s.unassigned,            'conversations', s.unassigned,      NULL,          NULL),
      (4,  'longest_wait',     pg_catalog.round(s.longest::numeric, 1), 'seconds', NULL,     s.waiting,     'nobody waits'),
      (5,  'median_wait',      pg_catalog.round(s.median::numeric, 1),  'seconds', NULL,     s.waiting,     'nobody waits'),
      (6,  'agents_online',    a.online,                'agents',        a.online,          NULL,          NULL),
      (7,  'agents_available', a.available,             'agents',        a.available,       NULL,          NULL),
      (8,  'capacity',         a.capacity,              'conversations', a.capacity,        NULL,          NULL),
      (9,  'load',             a.load,                  'conversations', a.load,            NULL,          NULL),
      (10, 'utilisation',      pg_catalog.round(a.load::numeric / NULLIF(a.capacity, 0), 6), 'share', a.load, a.capacity, 'no agent is online')
    ) AS v (place, figure, value, unit, numerator, denominator, reason)
    UNION ALL
    SELECT 100 + h.place, h.figure || '_last_hour', h.value, h.unit, h.numerator, h.denominator, h.low, h.high, h.reason
    FROM romashka.kpi_report(ARRAY[pg_catalog.now() - interval '1 hour', pg_catalog.now() + interval '1 second'], 'all', filters, '{conversations}') AS h
    UNION ALL
    SELECT 200 + d.place, d.figure || '_today', d.value, d.unit, d.numerator, d.denominator, d.low, d.high, d.reason
    FROM romashka.kpi_report(ARRAY[today, tomorrow], 'all', filters,
      '{conversations,resolved,ai_resolved,missed,handoffs,first_response_median,first_response_p90,resolution_time_median,sla_first_response_rate,csat,csat_mean}') AS d
  ) AS r
  ORDER BY r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_operational_dashboard(text, text, text, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_operational_dashboard(text, text, text, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_operational_dashboard(text, text, text, text, text) IS 'What is going on now';
