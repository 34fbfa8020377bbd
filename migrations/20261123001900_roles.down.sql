-- Assignments that the way up made from profiles.role can be made again.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id JOIN public.profiles AS p ON p.id = u.user_id
             WHERE r.name IS DISTINCT FROM p.role OR u.expires_at IS NOT NULL)
     OR EXISTS (SELECT FROM public.roles WHERE NOT is_system_role) THEN
    PERFORM romashka.refuse_rows('public.user_roles');
    PERFORM romashka.refuse_rows('public.roles');
  END IF;
END
$check$;
DROP TABLE IF EXISTS public.user_roles;
DROP TABLE IF EXISTS public.roles;
