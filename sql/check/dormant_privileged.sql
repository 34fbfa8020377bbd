-- Purpose: privileged accounts that nobody has signed in to for 90 days.
-- Parameters: none. Read only.
-- Needs: auth.users, public.profiles
WITH account AS (
  SELECT COALESCE(u.last_sign_in_at, u.created_at) < now() - interval '90 days' AS dormant
  FROM auth.users AS u
  LEFT JOIN public.profiles AS p ON p.id = u.id
  WHERE u.deleted_at IS NULL AND (u.banned_until IS NULL OR u.banned_until < now())
    AND (p.role ~* '(admin|owner|root)' OR u.raw_app_meta_data ->> 'role' ~* '(admin|owner|root)' OR u.is_super_admin)
)
SELECT 'warning' AS severity, 'table public.profiles' AS object, 'public.profiles' AS relation,
       'privileged accounts are not in use' AS fault,
       format('%s of %s privileged accounts without a sign-in for 90 days', count(*) FILTER (WHERE dormant), count(*)) AS evidence,
       'UPDATE public.profiles AS p SET role = ''user'' FROM auth.users AS u WHERE u.id = p.id AND p.role ~* ''(admin|owner|root)'' AND COALESCE(u.last_sign_in_at, u.created_at) < now() - interval ''90 days'';' AS remedy
FROM account
HAVING count(*) FILTER (WHERE dormant) > 0
