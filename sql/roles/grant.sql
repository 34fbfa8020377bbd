-- Gives a user a role, or another end, with a line of the trail.
-- Input: $1 uuid user, $2 name of the role, $3 timestamptz until when or NULL.
-- Returns: whether there is such a role.
-- Run by: the login of the command line.
WITH role AS (
  SELECT r.id FROM public.roles AS r WHERE r.name = $2
), given AS (
  INSERT INTO public.user_roles AS u (user_id, role_id, expires_at) SELECT $1::uuid, role.id, $3::timestamptz FROM role
  ON CONFLICT (user_id, role_id) DO UPDATE SET expires_at = EXCLUDED.expires_at, assigned_at = now(), assigned_by = NULL
  RETURNING u.id, u.user_id, u.expires_at
), trail AS (
  INSERT INTO public.security_audit_logs (event_type, resource_type, resource_id, action, new_values, additional_context)
  SELECT 'role_assignment', 'user_roles', given.id::text, 'grant', jsonb_build_object('user_id', given.user_id, 'role', $2::text, 'expires_at', given.expires_at),
         jsonb_build_object('login', session_user, 'command', 'romashka roles grant')
  FROM given
)
SELECT EXISTS (SELECT FROM role)
