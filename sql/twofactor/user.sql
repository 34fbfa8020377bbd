-- Purpose: a user as far as second factors go; no row where there is no profile.
-- Parameters: $1 uuid user.
-- Columns: email, resets (may remove the factors of others), has (a confirmed factor here), elsewhere (a verified one of Supabase Auth).
-- Run by: the role of romashka-db-background-uri.
SELECT COALESCE((SELECT u.email FROM auth.users AS u WHERE u.id = p.id), p.email, '') AS email, romashka.user_has_permission(p.id, 'factors:reset') AS resets,
       EXISTS (SELECT FROM romashka.factors AS f WHERE f.user_id = p.id AND f.enabled) AS has,
       EXISTS (SELECT FROM auth.mfa_factors AS m WHERE m.user_id = p.id AND m.status::text = 'verified') AS elsewhere
FROM public.profiles AS p WHERE p.id = $1
