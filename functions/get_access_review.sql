-- function: public.get_access_review()
-- Purpose: who has which role and permissions: since when, by whom, until when, and
--   when its user was last active. As CSV by Accept: text/csv.
-- Rows: one for each user and role that has not expired. source is "profile" (of
--   profiles.role) or "assignment" (of user_roles); last_used is NULL for who was
--   never seen.
-- Who: roles:read or roles:grant, so admin, security_admin and compliance_admin; 403
--   for others. The body is bound when the function is made, so that the caller needs
--   no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_access_review()
RETURNS TABLE (user_id uuid, email text, role text, source text, permissions text[], granted_at timestamptz,
               granted_by uuid, granted_by_email text, expires_at timestamptz, last_used timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT r.user_id, r.email, r.role, r.source, ARRAY(SELECT DISTINCT p.permission FROM unnest(r.permissions) AS p (permission) ORDER BY p.permission),
         r.granted_at, r.granted_by, r.granted_by_email, r.expires_at, r.last_used
  FROM romashka.access_review() AS r;
END;
REVOKE ALL ON FUNCTION public.get_access_review() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_access_review() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_access_review() IS 'Who has which role and permissions, since when, by whom and until when';
