-- function: public.get_analytics_dashboard_data()
-- Purpose: the analytics dashboard's five numbers, of conversations begun in the
--   last 24 hours (active_conversations: of now).
-- Rows: one. avg_response_time seconds, resolution_rate and ai_accuracy 0-1,
--   satisfaction_score 1-5; NULL where there is no data, never a made-up value.
--   For whoever sees every conversation the rows that the job kpi keeps are read, and
--   anew those of conversations that have changed since; for others all are read anew.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_analytics_dashboard_data()
RETURNS TABLE (
  active_conversations integer,
  avg_response_time    numeric,
  resolution_rate      numeric,
  satisfaction_score   numeric,
  ai_accuracy          numeric
)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  set_before CONSTANT text := current_setting('request.jwt.claim.role', true);
  since      CONSTANT timestamptz := now() - interval '24 hours';
  changed    CONSTANT uuid[] := (SELECT array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  kept       CONSTANT boolean := array_position(changed, NULL) IS NULL
                AND EXISTS (SELECT FROM romashka.kpi_state AS s WHERE s.ready AND s.dashboard_since <= since);
BEGIN
  PERFORM set_config('request.jwt.claim.role',
    COALESCE(NULLIF(set_before, ''), NULLIF(current_setting('request.jwt.claims', true), '')::json ->> 'role', ''), true);
  RETURN QUERY SELECT
    (SELECT count(*)::integer FROM public.conversations AS c WHERE c.status = 'active'),
    round(avg(d.response), 2),
    round(avg(CASE WHEN d.resolved THEN 1.0 ELSE 0.0 END), 4),
    round(avg(d.rating), 2),
    round(avg(d.accuracy), 4)
  FROM (
    SELECT r.response, r.resolved, r.rating, r.accuracy FROM romashka.dashboard_rows AS r
    WHERE kept AND r.started_at > since AND (changed IS NULL OR r.conversation_id <> ALL (changed))
    UNION ALL
    SELECT r.response, r.resolved, r.rating, r.accuracy
    FROM romashka.read_dashboard_rows(CASE WHEN kept THEN changed END, since) AS r WHERE NOT kept OR changed IS NOT NULL
  ) AS d;
  PERFORM set_config('request.jwt.claim.role', COALESCE(set_before, ''), true);
END
$$;

REVOKE ALL ON FUNCTION public.get_analytics_dashboard_data() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_analytics_dashboard_data() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_analytics_dashboard_data() IS 'Analytics dashboard: conversations of the last 24 hours';
