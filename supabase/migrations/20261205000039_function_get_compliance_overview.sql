-- Written by `make generate` from functions/get_compliance_overview.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:eec9311c0f7be1c76d7122e4b9a6618e50804cf1c0cb803b6673075992479828' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_compliance_overview()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_compliance_overview' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_compliance_overview' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_compliance_overview()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_compliance_overview()
-- Purpose: how each framework stands by the newest results of the sidecar's own
--   checks; results that a page filed (origin client) do not count.
-- Parameters: none.
-- Rows: one for each framework, also for those without a result. score is 0 to 100
--   by severity (4, 3, 2, 1), a warning half, an error none, waived ones left out;
--   NULL without results. stale: no result within two days.
-- Who: everybody who is signed in; whoever may see compliance_results gets
--   figures, others get none.
CREATE OR REPLACE FUNCTION public.get_compliance_overview()
RETURNS TABLE (framework text, passed integer, warnings integer, failed integer, errors integer, waived integer,
               score numeric, checked_at timestamptz, next_check_due timestamptz, stale boolean)
LANGUAGE sql STABLE SET search_path = '' AS $$
  WITH newest AS (
    SELECT DISTINCT ON (r.compliance_type, r.check_name) r.compliance_type, r.status, r.waived, r.checked_at, r.next_check_due,
           CASE r.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END AS weight
    FROM public.compliance_results AS r
    WHERE r.origin = 'romashka'
    ORDER BY r.compliance_type, r.check_name, r.checked_at DESC
  )
  SELECT f.name,
         count(*) FILTER (WHERE n.status = 'passed' AND NOT n.waived)::integer,
         count(*) FILTER (WHERE n.status = 'warning' AND NOT n.waived)::integer,
         count(*) FILTER (WHERE n.status = 'failed' AND NOT n.waived)::integer,
         count(*) FILTER (WHERE n.status = 'error' AND NOT n.waived)::integer,
         count(*) FILTER (WHERE n.waived)::integer,
         round(100.0 * sum(n.weight * CASE n.status WHEN 'passed' THEN 1.0 WHEN 'warning' THEN 0.5 ELSE 0.0 END) FILTER (WHERE NOT n.waived)
           / NULLIF(sum(n.weight) FILTER (WHERE NOT n.waived), 0), 1),
         max(n.checked_at), min(n.next_check_due),
         COALESCE(max(n.checked_at) < now() - interval '2 days', true)
  FROM unnest('{gdpr,ccpa,hipaa,sox,iso27001}'::text[]) WITH ORDINALITY AS f (name, place)
  LEFT JOIN newest AS n ON n.compliance_type = f.name
  GROUP BY f.name, f.place
  ORDER BY f.place
$$;

REVOKE ALL ON FUNCTION public.get_compliance_overview() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_compliance_overview() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_compliance_overview() IS 'How each framework stands by the newest results of the sidecar''s own checks';
$text$;
made := to_regprocedure('public.get_compliance_overview()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_compliance_overview', 'public.get_compliance_overview()', wanted, now(), s.definition
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
