-- Written by `make generate` from functions/get_security_metrics.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:df9bdb298a2b77926837057272c31e956ae31f3c8b0cd827639260599ed01b72' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_security_metrics()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_security_metrics' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_security_metrics' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_security_metrics()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('public.get_security_metrics()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_security_metrics', 'public.get_security_metrics()', wanted, now(), s.definition
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
