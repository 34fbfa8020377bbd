-- Written by `make generate` from functions/get_analytics_dashboard_data.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:f64ca478504fed7dc4085f6eaab3c6695456e8d508512eef0d3e09ed87d79793' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_analytics_dashboard_data()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_analytics_dashboard_data' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_analytics_dashboard_data' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_analytics_dashboard_data()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('public.get_analytics_dashboard_data()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_analytics_dashboard_data', 'public.get_analytics_dashboard_data()', wanted, now(), s.definition
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
