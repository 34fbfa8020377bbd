-- Written by `make generate` from functions/get_security_overview.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:7012938a92283134c3dbddd749c85e2a8cf80ca724f0b6a939a2ef4a1ee277f9' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_security_overview(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_security_overview' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_security_overview' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_security_overview(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_security_overview(integer)
-- Purpose: what happened to security in the last hours, and what is open now: sessions,
--   incidents and how long they took, requests, refused addresses.
-- Parameters: hours, 1 to 744.
-- Rows: one for each figure, with its numerator and denominator; NULL with a reason
--   where there is nothing to count. Times are seconds, medians of incidents of these hours. Of
--   24 hours requests come from kept sums (romashka.day_of_log), else from the log.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_security_overview(hours integer DEFAULT 24)
RETURNS TABLE (figure text, value numeric, unit text, numerator numeric, denominator numeric, reason text, period_start timestamptz, period_end timestamptz)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  span   CONSTANT integer := LEAST(GREATEST(COALESCE(get_security_overview.hours, 24), 1), 744);
  until  CONSTANT timestamptz := pg_catalog.now();
  since  CONSTANT timestamptz := until - pg_catalog.make_interval(hours => span);
  asked  bigint;
  odd    bigint;
BEGIN
  IF span = 24 THEN
    SELECT d.requests, d.suspicious INTO asked, odd FROM romashka.day_of_log() AS d;
  ELSE
    SELECT count(*), count(*) FILTER (WHERE l.suspicious_activity) INTO asked, odd
    FROM public.api_security_logs AS l WHERE l."timestamp" > since AND l."timestamp" <= until;
  END IF;
  RETURN QUERY
  WITH incident AS (
    SELECT i.severity, NOT i.resolved AS open, i.created_at > since AND i.created_at <= until AS young, i.resolved_at > since AND i.resolved_at <= until AS ended,
           i.created_at, i.acknowledged_at, i.resolved_at
    FROM public.security_incidents AS i
    WHERE NOT i.resolved OR i.created_at > since OR i.resolved_at > since
  ), counted AS (
    SELECT count(*) FILTER (WHERE n.young) AS young, count(*) FILTER (WHERE n.open) AS open, count(*) FILTER (WHERE n.ended) AS ended,
           count(*) FILTER (WHERE n.open AND n.severity = 'critical') AS critical, count(*) FILTER (WHERE n.open AND n.severity = 'high') AS high,
           count(*) FILTER (WHERE n.open AND n.severity = 'medium') AS medium, count(*) FILTER (WHERE n.open AND n.severity = 'low') AS low,
           count(n.acknowledged_at) FILTER (WHERE n.young) AS acknowledged, count(n.resolved_at) FILTER (WHERE n.young) AS resolved,
           pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM n.acknowledged_at - n.created_at)) FILTER (WHERE n.young) AS acknowledging,
           pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM n.resolved_at - n.created_at)) FILTER (WHERE n.young) AS resolving
    FROM incident AS n
  ), session AS (
    SELECT count(*) FILTER (WHERE s.is_active) AS active, count(*) FILTER (WHERE s.created_at > since AND s.created_at <= until) AS begun
    FROM public.security_sessions AS s WHERE s.is_active OR s.created_at > since
  )
  SELECT f.figure, f.value, f.unit, f.numerator, f.denominator, CASE WHEN f.value IS NULL THEN f.reason END, since, until
  FROM counted AS c, session AS s, LATERAL (VALUES
    (1,  'active_sessions',         s.active::numeric, 'sessions',  s.active::numeric,      NULL::numeric,  NULL),
    (2,  'sessions_started',        s.begun,           'sessions',  s.begun,                NULL,           NULL),
    (3,  'incidents',               c.young,           'incidents', c.young,                NULL,           NULL),
    (4,  'incidents_resolved',      c.ended,           'incidents', c.ended,                NULL,           NULL),
    (5,  'open_incidents',          c.open,            'incidents', c.open,                 NULL,           NULL),
    (6,  'open_incidents_critical', c.critical,        'incidents', c.critical,             NULL,           NULL),
    (7,  'open_incidents_high',     c.high,            'incidents', c.high,                 NULL,           NULL),
    (8,  'open_incidents_medium',   c.medium,          'incidents', c.medium,               NULL,           NULL),
    (9,  'open_incidents_low',      c.low,             'incidents', c.low,                  NULL,           NULL),
    (10, 'time_to_acknowledge_median', pg_catalog.round(c.acknowledging, 1), 'seconds', NULL, c.acknowledged, 'none was acknowledged'),
    (11, 'time_to_resolve_median',  pg_catalog.round(c.resolving, 1), 'seconds', NULL,       c.resolved,     'none was resolved'),
    (12, 'requests',                asked,             'requests',  asked,                  NULL,           NULL),
    (13, 'suspicious_requests',     odd,               'requests',  odd,                    NULL,           NULL),
    (14, 'suspicious_request_rate', pg_catalog.round(odd::numeric / NULLIF(asked, 0), 6), 'share', odd, asked, 'no requests'),
    (15, 'refused_addresses',       (SELECT count(*) FROM public.get_blocked_addresses()), 'addresses', NULL, NULL, NULL)
  ) AS f (place, figure, value, unit, numerator, denominator, reason)
  ORDER BY f.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_security_overview(integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_security_overview(integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_security_overview(integer) IS 'Sessions, incidents and requests of the last hours';
$text$;
made := to_regprocedure('public.get_security_overview(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_security_overview', 'public.get_security_overview(integer)', wanted, now(), s.definition
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
