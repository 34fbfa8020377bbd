-- Counts who may grant roles without an end, for the command line, which asks
-- before it takes the last one's role.
-- Returns: how many users.
-- Run by: the login of the command line.
SELECT count(*) FROM (
  SELECT p.id FROM public.profiles AS p JOIN romashka.builtin_roles AS b ON b.name = p.role WHERE romashka.gives_roles(b.permissions)
  UNION
  SELECT u.user_id FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id
  WHERE u.expires_at IS NULL AND romashka.gives_roles(romashka.role_entries(r.name, r.permissions, r.is_system_role))
) AS granters
