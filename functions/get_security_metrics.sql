-- function: public.get_security_metrics()
-- Purpose: the security dashboard's four numbers, of the last 24 hours.
-- Rows: one; rows dated ahead do not count before their time. active_sessions, recent_incidents (unresolved); compliance_score
--   0-100 and api_security_score 0-100 are NULL where there is no data.
-- Who: signed-in users. It runs with the caller's rights, so that row level
--   security decides which rows count: an admin sees all, a user his own.
CREATE OR REPLACE FUNCTION public.get_security_metrics()
RETURNS TABLE (
  active_sessions    integer,
  recent_incidents   integer,
  compliance_score   numeric,
  api_security_score numeric
)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT
    (SELECT count(*)::integer FROM public.security_sessions AS s WHERE s.is_active),
    (SELECT count(*)::integer FROM public.security_incidents AS i
      WHERE NOT i.resolved AND i.created_at BETWEEN now() - interval '24 hours' AND now()),
    (SELECT round(avg(CASE r.status WHEN 'passed' THEN 100 WHEN 'warning' THEN 75 WHEN 'failed' THEN 0 ELSE 50 END), 2)
      FROM public.compliance_results AS r
      WHERE r.checked_at BETWEEN now() - interval '24 hours' AND now()),
    (SELECT round(100.0 * (d.requests - d.suspicious) / NULLIF(d.requests, 0), 2) FROM romashka.day_of_log() AS d)
$$;

REVOKE ALL ON FUNCTION public.get_security_metrics() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_security_metrics() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_security_metrics() IS 'Security dashboard: sessions, incidents, compliance and API scores of the last 24 hours';
