-- Written by `make generate` from migrations/20261129130100_permission_policies.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129130100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Policies asked for one of the three words of profiles.role, so that a tenant
-- could give somebody all of a word or nothing.
--
-- Mend: each asks a permission, once per statement. The three words have what they
-- had, cell for cell. Who may change rows of a table may see them: an UPDATE finds
-- no row otherwise. Where two permissions stand, either is enough.
DROP POLICY IF EXISTS "Users see own sessions, admins all" ON public.security_sessions;
CREATE POLICY "Users see own sessions, admins all" ON public.security_sessions
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_any_permission('security:read', 'security:write')));
DROP POLICY IF EXISTS "Users end own sessions, admins any" ON public.security_sessions;
CREATE POLICY "Users end own sessions, admins any" ON public.security_sessions
  FOR UPDATE TO authenticated
  USING (is_active AND (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('security:write'))))
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('security:write')));
DROP POLICY IF EXISTS "Users see own incidents, admins all" ON public.security_incidents;
CREATE POLICY "Users see own incidents, admins all" ON public.security_incidents
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_any_permission('incidents:read', 'incidents:resolve', 'security:read', 'security:write')));
DROP POLICY IF EXISTS "Admins record incidents" ON public.security_incidents;
CREATE POLICY "Admins record incidents" ON public.security_incidents
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_any_permission('incidents:resolve', 'security:write')));
DROP POLICY IF EXISTS "Admins resolve incidents" ON public.security_incidents;
CREATE POLICY "Admins resolve incidents" ON public.security_incidents
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_any_permission('incidents:resolve', 'security:write')))
  WITH CHECK ((SELECT romashka.has_any_permission('incidents:resolve', 'security:write')));
DROP POLICY IF EXISTS "Admins see the timeline of incidents" ON public.security_incident_timeline;
CREATE POLICY "Admins see the timeline of incidents" ON public.security_incident_timeline
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_any_permission('incidents:read', 'incidents:resolve', 'security:read', 'security:write')));
DROP POLICY IF EXISTS "Users see own API logs, admins all" ON public.api_security_logs;
CREATE POLICY "Users see own API logs, admins all" ON public.api_security_logs
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('security:read')));
DROP POLICY IF EXISTS "Admins see compliance results" ON public.compliance_results;
CREATE POLICY "Admins see compliance results" ON public.compliance_results
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_any_permission('compliance:read', 'compliance:write')));
DROP POLICY IF EXISTS "Admins file compliance results" ON public.compliance_results;
CREATE POLICY "Admins file compliance results" ON public.compliance_results
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins add retention" ON public.data_retention_policies;
CREATE POLICY "Admins add retention" ON public.data_retention_policies
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins change retention" ON public.data_retention_policies;
CREATE POLICY "Admins change retention" ON public.data_retention_policies
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')))
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins drop retention" ON public.data_retention_policies;
CREATE POLICY "Admins drop retention" ON public.data_retention_policies
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins add checks" ON public.compliance_checks;
CREATE POLICY "Admins add checks" ON public.compliance_checks
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins run checks" ON public.compliance_checks;
CREATE POLICY "Admins run checks" ON public.compliance_checks
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')))
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins drop checks" ON public.compliance_checks;
CREATE POLICY "Admins drop checks" ON public.compliance_checks
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins add roles" ON public.roles;
CREATE POLICY "Admins add roles" ON public.roles
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('roles:write')) AND NOT is_system_role);
DROP POLICY IF EXISTS "Admins change roles" ON public.roles;
CREATE POLICY "Admins change roles" ON public.roles
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('roles:write')) AND NOT is_system_role)
  WITH CHECK ((SELECT romashka.has_permission('roles:write')) AND NOT is_system_role);
DROP POLICY IF EXISTS "Admins drop roles" ON public.roles;
CREATE POLICY "Admins drop roles" ON public.roles
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('roles:write')) AND NOT is_system_role);
DROP POLICY IF EXISTS "Users see own roles, admins all" ON public.user_roles;
CREATE POLICY "Users see own roles, admins all" ON public.user_roles
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_any_permission('roles:read', 'roles:grant')));
DROP POLICY IF EXISTS "Admins assign roles" ON public.user_roles;
CREATE POLICY "Admins assign roles" ON public.user_roles
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('roles:grant')));
DROP POLICY IF EXISTS "Admins change assignments" ON public.user_roles;
CREATE POLICY "Admins change assignments" ON public.user_roles
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('roles:grant')))
  WITH CHECK ((SELECT romashka.has_permission('roles:grant')));
DROP POLICY IF EXISTS "Admins revoke roles" ON public.user_roles;
CREATE POLICY "Admins revoke roles" ON public.user_roles
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('roles:grant')));
DROP POLICY IF EXISTS "Users see requests they filed, admins all" ON public.data_subject_requests;
CREATE POLICY "Users see requests they filed, admins all" ON public.data_subject_requests
  FOR SELECT TO authenticated
  USING (created_by = (SELECT auth.uid()) OR (SELECT romashka.has_any_permission('gdpr:read', 'gdpr:write')));
DROP POLICY IF EXISTS "Users file requests" ON public.data_subject_requests;
CREATE POLICY "Users file requests" ON public.data_subject_requests
  FOR INSERT TO authenticated
  WITH CHECK (created_by = (SELECT auth.uid()) AND (status = 'pending' OR (SELECT romashka.has_permission('gdpr:write'))));
DROP POLICY IF EXISTS "Admins process requests" ON public.data_subject_requests;
CREATE POLICY "Admins process requests" ON public.data_subject_requests
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('gdpr:write')))
  WITH CHECK ((SELECT romashka.has_permission('gdpr:write')));
DROP POLICY IF EXISTS "Users see own consent, admins all" ON public.data_consent;
CREATE POLICY "Users see own consent, admins all" ON public.data_consent
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_any_permission('gdpr:read', 'gdpr:write')));
DROP POLICY IF EXISTS "Users give consent, admins record it" ON public.data_consent;
CREATE POLICY "Users give consent, admins record it" ON public.data_consent
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('gdpr:write')));
DROP POLICY IF EXISTS "Users withdraw consent, admins record it" ON public.data_consent;
CREATE POLICY "Users withdraw consent, admins record it" ON public.data_consent
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('gdpr:write')))
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('gdpr:write')));
DROP POLICY IF EXISTS "Users see own API keys, admins all" ON public.api_keys;
CREATE POLICY "Users see own API keys, admins all" ON public.api_keys
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('security:read')));
DROP POLICY IF EXISTS "Admins add patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins add patterns" ON public.pii_detection_patterns
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins change patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins change patterns" ON public.pii_detection_patterns
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')))
  WITH CHECK ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins drop patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins drop patterns" ON public.pii_detection_patterns
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('compliance:write')));
DROP POLICY IF EXISTS "Admins see encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins see encryption keys" ON public.encryption_keys
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_any_permission('keys:read', 'keys:write')));
DROP POLICY IF EXISTS "Admins add encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins add encryption keys" ON public.encryption_keys
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('keys:write')));
DROP POLICY IF EXISTS "Admins change encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins change encryption keys" ON public.encryption_keys
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('keys:write')))
  WITH CHECK ((SELECT romashka.has_permission('keys:write')));
DROP POLICY IF EXISTS "Admins see alerts" ON public.security_alerts;
CREATE POLICY "Admins see alerts" ON public.security_alerts
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_any_permission('alerts:read', 'alerts:write')));
DROP POLICY IF EXISTS "Users raise alerts about themselves, admins any" ON public.security_alerts;
CREATE POLICY "Users raise alerts about themselves, admins any" ON public.security_alerts
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('alerts:write')));
DROP POLICY IF EXISTS "Admins settle alerts" ON public.security_alerts;
CREATE POLICY "Admins settle alerts" ON public.security_alerts
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('alerts:write')))
  WITH CHECK ((SELECT romashka.has_permission('alerts:write')));
DROP POLICY IF EXISTS "Users see own audit log, admins all" ON public.security_audit_logs;
CREATE POLICY "Users see own audit log, admins all" ON public.security_audit_logs
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('audit:read')));
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129130100, 'permission_policies', '98b0b91e8a262ef617cf9a86a65570120bb187066f15d651e3705b6db66f217e', now());
END
$romashka$;
