-- Purpose: more accounts with all rights than work can explain: four or more
-- that are over a fifth of all accounts, or more than ten.
-- Parameters: none. Read only.
-- Needs: auth.users, public.profiles
WITH counted AS (
  SELECT count(*) AS accounts,
         count(*) FILTER (WHERE p.role ~* '(admin|owner|root)' OR u.raw_app_meta_data ->> 'role' ~* '(admin|owner|root)' OR u.is_super_admin) AS admins
  FROM auth.users AS u
  LEFT JOIN public.profiles AS p ON p.id = u.id
  WHERE u.deleted_at IS NULL
)
SELECT CASE WHEN admins > 10 AND admins * 5 > accounts OR admins >= 6 AND admins * 2 > accounts THEN 'error' ELSE 'warning' END AS severity,
       'table public.profiles' AS object, 'public.profiles' AS relation,
       'many accounts have an administrator''s rights' AS fault,
       format('%s of %s accounts are privileged', admins, accounts) AS evidence,
       'SELECT id, role FROM public.profiles WHERE role ~* ''(admin|owner|root)''; -- and give those back a role with what they need: UPDATE public.profiles SET role = ''agent'' WHERE id = ...;' AS remedy
FROM counted
WHERE admins >= 4 AND admins * 5 > accounts OR admins > 10
