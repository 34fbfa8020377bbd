-- Found in the seed: admins see only their own API logs, and nobody the many
-- that have no user, so that "API security monitoring" shows nothing to those
-- it is for. The policy on compliance results has no role and asks per row.
--
-- Mend: admin and security_admin see all API logs; compliance results stay with
-- admin and compliance_admin. Writing both stays with the server.
DROP POLICY IF EXISTS "Users can view own API logs" ON public.api_security_logs;
DROP POLICY IF EXISTS "Users see own API logs, admins all" ON public.api_security_logs;
CREATE POLICY "Users see own API logs, admins all" ON public.api_security_logs
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));

DROP POLICY IF EXISTS "Admin can view all compliance results" ON public.compliance_results;
DROP POLICY IF EXISTS "Admins see compliance results" ON public.compliance_results;
CREATE POLICY "Admins see compliance results" ON public.compliance_results
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')));
