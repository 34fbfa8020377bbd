-- Written by `make generate` from migrations/20261123001000_incident_policies.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: no UPDATE policy on incidents, so that no admin can
-- resolve one; the SELECT policy has no role and asks profiles per row. The
-- foreign key resolved_by has no index: deleting a profile scans the table.
--
-- Mend: admin and security_admin see and resolve all incidents; a user sees
-- those about himself. Recording and deleting stay with the server.
DROP POLICY IF EXISTS "Users can view security incidents" ON public.security_incidents;

DROP POLICY IF EXISTS "Users see own incidents, admins all" ON public.security_incidents;
CREATE POLICY "Users see own incidents, admins all" ON public.security_incidents
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));

DROP POLICY IF EXISTS "Admins resolve incidents" ON public.security_incidents;
CREATE POLICY "Admins resolve incidents" ON public.security_incidents
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'security_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'security_admin')));

CREATE INDEX IF NOT EXISTS idx_security_incidents_resolved_by ON public.security_incidents (resolved_by);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001000, 'incident_policies', '1073a49a45fd7eceeeab0e49f7c9bbcf00ebc58667cc68817663fe00ed174636', now());
END
$romashka$;
