-- Written by `make generate` from functions/get_operational_dashboard.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:7b99d807c5e60398b24c689f969f49d301a2a5c7b7df98205d764e657307d4a2' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_operational_dashboard(text, text, text, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_operational_dashboard' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_operational_dashboard' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_operational_dashboard(text, text, text, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('public.get_operational_dashboard(text, text, text, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_operational_dashboard', 'public.get_operational_dashboard(text, text, text, text, text)', wanted, now(), s.definition
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
