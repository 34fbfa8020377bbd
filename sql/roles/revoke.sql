-- Takes a role from a user; the triggers of the trail note it. If profiles.role
-- gives it, he becomes a plain user.
-- Input: $1 uuid user, $2 name of the role.
-- Returns: whether he had it.
-- Run by: the login of the command line.
WITH gone AS (
  DELETE FROM public.user_roles AS u USING public.roles AS r
  WHERE u.role_id = r.id AND u.user_id = $1 AND r.name = $2
  RETURNING u.id
), changed AS (
  UPDATE public.profiles AS p SET role = 'user' WHERE p.id = $1 AND p.role = $2 AND $2 <> 'user' RETURNING p.id
)
SELECT EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM changed)
