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
