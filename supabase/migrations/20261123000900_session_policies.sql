-- Written by `make generate` from migrations/20261123000900_session_policies.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000900) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: "Users can manage own security sessions FOR ALL" lets a
-- user erase his trail, or alter it at will; and no admin sees any session but
-- his own, so that a dashboard of sessions means nothing.
--
-- Mend: a user sees his sessions, opens one in his own name, and ends it. An
-- ended session cannot be changed or revived, and none can be deleted. admin
-- and security_admin see all. One policy per command: several permissive ones
-- would all be evaluated for each row.
DROP POLICY IF EXISTS "Users can view own security sessions" ON public.security_sessions;
DROP POLICY IF EXISTS "Users can manage own security sessions" ON public.security_sessions;

DROP POLICY IF EXISTS "Users see own sessions, admins all" ON public.security_sessions;
CREATE POLICY "Users see own sessions, admins all" ON public.security_sessions
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));

DROP POLICY IF EXISTS "Users open sessions in their own name" ON public.security_sessions;
CREATE POLICY "Users open sessions in their own name" ON public.security_sessions
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()));

DROP POLICY IF EXISTS "Users end own sessions" ON public.security_sessions;
CREATE POLICY "Users end own sessions" ON public.security_sessions
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid()) AND is_active)
  WITH CHECK (user_id = (SELECT auth.uid()));
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000900, 'session_policies', '0788e45062bc0b910097690b72dbbf390bbc93a81a91bcef3f3da5a734b85c53', now());
END
$romashka$;
