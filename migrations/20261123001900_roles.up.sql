-- /security asks profiles?select=id,user_roles(id) and shows nothing but an
-- error if that embed does not resolve. So: roles and the users who have them.
-- user_roles has one foreign key to profiles only; a second, for assigned_by,
-- would make the embed ambiguous.
--
-- These tables record roles for the page. The rights of a role in the database
-- are decided by profiles.role, as in the seed, through romashka.has_role.
CREATE TABLE IF NOT EXISTS public.roles (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.roles
  ADD COLUMN IF NOT EXISTS name text NOT NULL,
  ADD COLUMN IF NOT EXISTS description text,
  ADD COLUMN IF NOT EXISTS permissions text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS is_system_role boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX IF NOT EXISTS roles_name_key ON public.roles (name);

CREATE TABLE IF NOT EXISTS public.user_roles (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.user_roles
  ADD COLUMN IF NOT EXISTS user_id uuid NOT NULL,
  ADD COLUMN IF NOT EXISTS role_id uuid NOT NULL,
  ADD COLUMN IF NOT EXISTS assigned_by uuid,
  ADD COLUMN IF NOT EXISTS assigned_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS expires_at timestamptz;
SELECT romashka.ensure_constraint('public.user_roles', 'user_roles_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.user_roles', 'user_roles_role_id_fkey',
  'FOREIGN KEY (role_id) REFERENCES public.roles(id) ON DELETE CASCADE');
CREATE UNIQUE INDEX IF NOT EXISTS user_roles_user_id_role_id_key ON public.user_roles (user_id, role_id);
CREATE INDEX IF NOT EXISTS idx_user_roles_role_id ON public.user_roles (role_id);

DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.roles;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.roles
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

INSERT INTO public.roles (name, description, permissions, is_system_role) VALUES
  ('admin',            'Administrator',            '{all}', true),
  ('security_admin',   'Security administrator',   '{security:read,security:write,audit:read}', true),
  ('compliance_admin', 'Compliance administrator', '{compliance:read,compliance:write,gdpr:read,gdpr:write,audit:read}', true),
  ('agent',            'Support agent',            '{conversations:read,conversations:write,knowledge:read}', true),
  ('user',             'User',                     '{conversations:read,knowledge:read}', true)
ON CONFLICT (name) DO NOTHING;

INSERT INTO public.user_roles (user_id, role_id)
SELECT p.id, r.id FROM public.profiles AS p JOIN public.roles AS r ON r.name = p.role
ON CONFLICT (user_id, role_id) DO NOTHING;

ALTER TABLE public.roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.roles, public.user_roles FROM PUBLIC, anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.roles, public.user_roles TO authenticated;
GRANT ALL ON public.roles, public.user_roles TO service_role;

DROP POLICY IF EXISTS "Signed-in users see roles" ON public.roles;
CREATE POLICY "Signed-in users see roles" ON public.roles FOR SELECT TO authenticated USING (true);
DROP POLICY IF EXISTS "Admins add roles" ON public.roles;
CREATE POLICY "Admins add roles" ON public.roles
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin')) AND NOT is_system_role);
DROP POLICY IF EXISTS "Admins change roles" ON public.roles;
CREATE POLICY "Admins change roles" ON public.roles
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin')) AND NOT is_system_role)
  WITH CHECK ((SELECT romashka.has_role('admin')) AND NOT is_system_role);
DROP POLICY IF EXISTS "Admins drop roles" ON public.roles;
CREATE POLICY "Admins drop roles" ON public.roles
  FOR DELETE TO authenticated USING ((SELECT romashka.has_role('admin')) AND NOT is_system_role);

DROP POLICY IF EXISTS "Users see own roles, admins all" ON public.user_roles;
CREATE POLICY "Users see own roles, admins all" ON public.user_roles
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins assign roles" ON public.user_roles;
CREATE POLICY "Admins assign roles" ON public.user_roles
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin')));
DROP POLICY IF EXISTS "Admins change assignments" ON public.user_roles;
CREATE POLICY "Admins change assignments" ON public.user_roles
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin'))) WITH CHECK ((SELECT romashka.has_role('admin')));
DROP POLICY IF EXISTS "Admins revoke roles" ON public.user_roles;
CREATE POLICY "Admins revoke roles" ON public.user_roles
  FOR DELETE TO authenticated USING ((SELECT romashka.has_role('admin')));
