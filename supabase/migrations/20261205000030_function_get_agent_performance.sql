-- Written by `make generate` from functions/get_agent_performance.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fa761f5cf467470dd69c3ca98990606ad53deb544dcd71ea8b057f850721edee' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_agent_performance' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_agent_performance' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
  asked    CONSTANT boolean := chosen && '{online_time,occupancy}';
  ended    CONSTANT timestamptz := LEAST(edges[2], pg_catalog.now());
  began    CONSTANT timestamptz := romashka.presence_began();
BEGIN
  -- The time of an agent who is online grows by the moment.
  IF (NOT asked OR edges[2] <= pg_catalog.now()) AND romashka.unchanged('get_agent_performance', pg_catalog.jsonb_build_array(from_date, to_date, compare, channel, team, priority, language, figures, (SELECT pg_catalog.md5(pg_catalog.string_agg(p.id::text || p.full_name, ',' ORDER BY p.id)) FROM public.profiles AS p
       WHERE p.id::text IN (SELECT c.value FROM romashka.kpi_cells AS c WHERE c.grain = 'd' AND c.level = 'agent' AND c.bucket > edges[1] - interval '2 days' AND c.bucket < edges[2]))), zone_now) THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH online AS (
    SELECT p.agent_id::text AS agent, sum(EXTRACT(epoch FROM LEAST(COALESCE(p.until, ended), ended) - GREATEST(p.since, edges[1]))) AS seconds
    FROM romashka.presence AS p
    WHERE asked AND p.since < ended AND COALESCE(p.until, ended) > edges[1]
    GROUP BY p.agent_id
  ), reported AS (
    SELECT * FROM romashka.kpi_report(edges, 'agent', filters, CASE WHEN 'occupancy' = ANY (chosen) THEN chosen || '{handling_time_mean}'::text[] ELSE chosen END)
  ), present AS ( -- online_time and occupancy of an agent
    SELECT r.key, r.figure, r.place, r.unit, h.numerator AS handled, COALESCE(o.seconds, 0) AS seconds,
           CASE WHEN r.key = 'none' THEN 'nobody''s'
                WHEN edges[1] < began THEN 'presence is recorded from ' || pg_catalog.to_char(began AT TIME ZONE zone_now, 'YYYY-MM-DD HH24:MI') || ' on'
                WHEN r.figure = 'occupancy' AND filters <> '{NULL,NULL,NULL,NULL,NULL,NULL}' THEN 'of all conversations alone'
                WHEN r.figure = 'occupancy' AND COALESCE(o.seconds, 0) < 3600 THEN 'online for less than an hour' END AS why
    FROM reported AS r
    LEFT JOIN online AS o ON o.agent = r.key
    LEFT JOIN reported AS h ON h.key = r.key AND h.figure = 'handling_time_mean'
    WHERE r.figure IN ('online_time', 'occupancy')
  ), shown AS (
    SELECT r.key, r.place, r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason
    FROM reported AS r WHERE r.figure NOT IN ('online_time', 'occupancy') AND r.figure = ANY (chosen)
    UNION ALL
    SELECT p.key, p.place, p.figure, CASE WHEN p.why IS NULL THEN pg_catalog.round(CASE p.figure WHEN 'online_time' THEN p.seconds ELSE p.handled / p.seconds END, 6) END,
           p.unit, CASE WHEN p.figure = 'occupancy' THEN p.handled ELSE pg_catalog.round(p.seconds, 3) END, CASE WHEN p.figure = 'occupancy' THEN pg_catalog.round(p.seconds, 3) END, NULL, NULL, p.why
    FROM present AS p
  )
  SELECT r.key, n.full_name, r.figure, r.value, r.unit, r.numerator, r.denominator, r.low, r.high, r.reason, b.value, r.value - b.value,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM shown AS r
  LEFT JOIN romashka.kpi_report(before, 'agent', filters, CASE WHEN compare THEN chosen ELSE '{}' END) AS p ON p.key = r.key AND p.figure = r.figure
  CROSS JOIN LATERAL (SELECT CASE WHEN p.figure IS NOT NULL THEN p.value WHEN compare AND r.value IS NOT NULL AND r.denominator IS NULL AND r.figure <> 'online_time' THEN 0 END AS value) AS b -- counts of an agent who had none before
  LEFT JOIN LATERAL (SELECT a.full_name FROM public.profiles AS a WHERE a.id::text = r.key) AS n ON true
  ORDER BY r.key, r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[]) IS 'Figures of each agent';
$text$;
made := to_regprocedure('public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_agent_performance', 'public.get_agent_performance(timestamp with time zone, timestamp with time zone, text, boolean, text, text, text, text, text[])', wanted, now(), s.definition
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
