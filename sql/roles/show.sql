-- Shows a role with its permissions and their sentences, and who has it; or the
-- roles of a user.
-- Input: $1 name of a role, or a user's id or email address.
-- Returns: one JSON object a row, kind "permission" or "assignment".
-- Run by: the login of the command line.
SELECT jsonb_build_object('kind', 'permission', 'role', r.name, 'permission', c.permission, 'description', c.description)
FROM public.roles AS r, romashka.permissions AS c
WHERE r.name = $1
  AND EXISTS (SELECT FROM unnest(romashka.role_entries(r.name, r.permissions, r.is_system_role)) AS e (entry) WHERE romashka.covers(e.entry, c.permission))
UNION ALL
SELECT jsonb_build_object('kind', 'assignment') || to_jsonb(a) FROM romashka.access_review() AS a
WHERE a.role = $1 OR a.user_id::text = lower($1) OR lower(a.email) = lower($1)
