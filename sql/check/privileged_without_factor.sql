-- Purpose: privileged accounts without a second factor: neither a verified one
-- of Supabase's own nor one of two_factor_auth.
-- Parameters: none. Read only.
-- Needs: auth.users, auth.mfa_factors, public.profiles, public.two_factor_auth
WITH privileged AS (
  SELECT u.id FROM auth.users AS u
  LEFT JOIN public.profiles AS p ON p.id = u.id
  WHERE u.deleted_at IS NULL
    AND (p.role ~* '(admin|owner|root)' OR u.raw_app_meta_data ->> 'role' ~* '(admin|owner|root)' OR u.is_super_admin)
), counted AS (
  SELECT count(*) AS n,
         count(*) FILTER (WHERE NOT EXISTS (SELECT FROM auth.mfa_factors AS f WHERE f.user_id = a.id AND f.status = 'verified')
                            AND NOT EXISTS (SELECT FROM public.two_factor_auth AS t WHERE t.user_id = a.id AND t.enabled)) AS without
  FROM privileged AS a
)
SELECT CASE WHEN without * 10 > n THEN 'error' ELSE 'warning' END AS severity,
       'table auth.mfa_factors' AS object, 'auth.mfa_factors' AS relation,
       'privileged accounts sign in with a password alone' AS fault,
       format('%s of %s privileged accounts have no second factor', without, n) AS evidence,
       'SELECT u.id FROM auth.users AS u JOIN public.profiles AS p ON p.id = u.id WHERE p.role ~* ''(admin|owner|root)'' AND NOT EXISTS (SELECT FROM auth.mfa_factors AS f WHERE f.user_id = u.id AND f.status = ''verified''); -- have them enroll an authenticator app, and require it: system_settings two_factor_required_roles' AS remedy
FROM counted WHERE without > 0
