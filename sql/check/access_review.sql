-- Purpose: whether somebody has reviewed who has access: within 90 days, or 180 to
-- be an error. Before the first review the oldest assignment counts.
-- Parameters: none. Read only.
-- Needs: public.user_roles, public.security_audit_logs
WITH newest AS (
  SELECT (SELECT max(l.created_at) FROM public.security_audit_logs AS l WHERE l.event_type = 'access_review' AND l.source = 'database') AS reviewed,
         (SELECT min(u.assigned_at) FROM public.user_roles AS u) AS oldest
)
SELECT CASE WHEN COALESCE(reviewed, oldest) < now() - interval '180 days' THEN 'error' ELSE 'warning' END AS severity,
       'table public.user_roles' AS object, 'public.user_roles' AS relation,
       'nobody has reviewed for 90 days who has access' AS fault,
       format('last review: %s; oldest assignment: %s', COALESCE(reviewed::date::text, 'never'), oldest::date) AS evidence,
       'SELECT * FROM public.get_access_review(); -- take back what is too much, then: SELECT public.confirm_access_review(''reviewed by ...'');' AS remedy
FROM newest
WHERE oldest IS NOT NULL AND COALESCE(reviewed, oldest) < now() - interval '90 days'
