-- Written by `make generate` from functions/get_adherence.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:b3f3433c872d34dc81026d2d20d950d4f503ed7c3785369123513334085008d1' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_adherence(timestamp with time zone, timestamp with time zone, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_adherence' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_adherence' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_adherence(timestamp with time zone, timestamp with time zone, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_adherence(timestamp with time zone, timestamp with time zone, text, text)
-- Purpose: shifts that were planned (agent_shifts) beside who was online
--   (romashka.presence). Figures are those of internal/analytics/kpi/definitions.md,
--   "Adherence"; the range is that of "Ranges", as far as it has passed.
-- Parameters: agent: only that one.
-- Rows: one for each agent with a shift in the range, and figure; and those of all of
--   them together, agent_id "all". Times are seconds.
-- Who: signed-in users, with the caller's rights: an agent sees himself, who may plan
--   sees all.
CREATE OR REPLACE FUNCTION public.get_adherence(from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, agent text DEFAULT NULL)
RETURNS TABLE (agent_id text, agent_name text, figure text, value numeric, unit text, numerator numeric, denominator numeric, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  moment   CONSTANT timestamptz := pg_catalog.now();
  ended    CONSTANT timestamptz := LEAST(edges[2], moment);
  began    CONSTANT timestamptz := romashka.presence_began();
  grace    CONSTANT interval := interval '5 minutes';
BEGIN
  RETURN QUERY
  WITH planned AS (
    SELECT s.agent_id AS who, s.starts_at, e.ends_at, tstzrange(GREATEST(s.starts_at, edges[1]), LEAST(e.ends_at, ended)) AS span
    FROM public.agent_shifts AS s
    CROSS JOIN LATERAL (SELECT s.starts_at + s.minutes * interval '1 minute' AS ends_at) AS e
    WHERE edges[1] < ended AND s.starts_at < ended AND s.starts_at >= edges[1] - interval '24 hours' AND e.ends_at > edges[1] AND (agent IS NULL OR s.agent_id::text = agent)
  ), online AS ( -- as long as a shift of theirs may reach
    SELECT p.agent_id AS who, pg_catalog.range_agg(tstzrange(p.since, COALESCE(p.until, moment))) AS spans
    FROM romashka.presence AS p
    WHERE p.since < LEAST(edges[2] + interval '24 hours', moment) AND COALESCE(p.until, moment) > GREATEST(edges[1], p.since)
      AND p.agent_id IN (SELECT s.who FROM planned AS s)
    GROUP BY p.agent_id
  ), starts AS ( -- of each shift that began in the range
    SELECT s.who, count(*) AS shifts, count(*) FILTER (WHERE f.first_at IS NULL AND s.ends_at <= moment) AS missed,
           count(*) FILTER (WHERE f.first_at > s.starts_at + grace OR f.first_at IS NULL AND s.ends_at > moment AND s.starts_at + grace < moment) AS late
    FROM planned AS s
    LEFT JOIN online AS o ON o.who = s.who
    CROSS JOIN LATERAL (SELECT min(lower(r.r)) AS first_at FROM unnest(o.spans * tstzmultirange(tstzrange(s.starts_at, s.ends_at))) AS r (r)) AS f
    WHERE s.starts_at >= edges[1]
    GROUP BY s.who
  ), plans AS (
    SELECT s.who, pg_catalog.range_agg(s.span) AS spans FROM planned AS s GROUP BY s.who
  ), timed AS (
    SELECT p.who, COALESCE(b.shifts, 0) AS shifts, COALESCE(b.missed, 0) AS missed, COALESCE(b.late, 0) AS late, t.scheduled, t.kept, t.online
    FROM plans AS p
    LEFT JOIN online AS o ON o.who = p.who
    LEFT JOIN starts AS b ON b.who = p.who
    CROSS JOIN LATERAL (
      SELECT (SELECT sum(EXTRACT(epoch FROM upper(r.r) - lower(r.r))) FROM unnest(p.spans) AS r (r)) AS scheduled,
             COALESCE((SELECT sum(EXTRACT(epoch FROM upper(r.r) - lower(r.r))) FROM unnest(p.spans * o.spans) AS r (r)), 0) AS kept,
             COALESCE((SELECT sum(EXTRACT(epoch FROM upper(r.r) - lower(r.r))) FROM unnest(o.spans * tstzmultirange(tstzrange(edges[1], ended))) AS r (r)), 0) AS online
    ) AS t
  ), summed AS (
    SELECT COALESCE(t.who::text, 'all') AS key, sum(t.shifts) AS shifts, sum(t.missed) AS missed, sum(t.late) AS late,
           sum(t.scheduled) AS scheduled, sum(t.kept) AS kept, sum(t.online) AS online
    FROM timed AS t GROUP BY GROUPING SETS ((t.who), ()) HAVING count(*) > 0
  ), shown AS (
    SELECT s.key, f.place, f.figure, f.unit, f.top, f.bottom, f.share,
           CASE WHEN f.place > 2 AND edges[1] < began THEN 'presence is recorded from ' || pg_catalog.to_char(began AT TIME ZONE zone_now, 'YYYY-MM-DD HH24:MI') || ' on'
                WHEN f.share AND f.bottom < 3600 THEN 'planned for less than an hour' END AS why
    FROM summed AS s
    CROSS JOIN LATERAL (VALUES
      (1, 'shifts',           'shifts',  s.shifts,          NULL::numeric, false),
      (2, 'scheduled_time',   'seconds', s.scheduled,       NULL,          false),
      (3, 'adherent_time',    'seconds', s.kept,            NULL,          false),
      (4, 'unscheduled_time', 'seconds', s.online - s.kept, NULL,          false),
      (5, 'adherence',        'share',   s.kept,            s.scheduled,   true),
      (6, 'conformance',      'share',   s.online,          s.scheduled,   true),
      (7, 'late_starts',      'shifts',  s.late,            s.shifts,      false),
      (8, 'missed_shifts',    'shifts',  s.missed,          s.shifts,      false)
    ) AS f (place, figure, unit, top, bottom, share)
  )
  SELECT s.key, n.full_name, s.figure,
         CASE WHEN s.why IS NULL THEN pg_catalog.round(CASE WHEN s.share THEN s.top / s.bottom ELSE s.top END, 6) END, s.unit,
         CASE WHEN s.why IS NULL OR s.share AND edges[1] >= began THEN pg_catalog.round(s.top, 3) END, pg_catalog.round(s.bottom, 3), s.why,
         edges[1], edges[2], zone_now, edges[2] > (moment AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM shown AS s
  LEFT JOIN LATERAL (SELECT a.full_name FROM public.profiles AS a WHERE a.id::text = s.key) AS n ON true
  ORDER BY s.key = 'all' DESC, s.key, s.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_adherence(timestamp with time zone, timestamp with time zone, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_adherence(timestamp with time zone, timestamp with time zone, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_adherence(timestamp with time zone, timestamp with time zone, text, text) IS 'Planned shifts beside who was online';
$text$;
made := to_regprocedure('public.get_adherence(timestamp with time zone, timestamp with time zone, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_adherence', 'public.get_adherence(timestamp with time zone, timestamp with time zone, text, text)', wanted, now(), s.definition
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
