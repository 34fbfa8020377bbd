-- Written by `make generate` from migrations/20261123001100_admin_reads.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
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
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001100, 'admin_reads', 'e76a9a7bb2600f192afc90179238735eff4a7c2eddb933dd520a0284fa1b2d03', now());
END
$romashka$;
