-- Lists roles with how many users have them at this moment.
-- Returns: one JSON object a row.
-- Run by: the login of the command line.
SELECT jsonb_build_object('name', r.name, 'description', r.description, 'is_system_role', r.is_system_role,
  'permissions', romashka.role_entries(r.name, r.permissions, r.is_system_role),
  'users', (SELECT count(*) FROM public.user_roles AS u WHERE u.role_id = r.id AND (u.expires_at IS NULL OR u.expires_at > now())))
FROM public.roles AS r ORDER BY r.is_system_role DESC, r.name
