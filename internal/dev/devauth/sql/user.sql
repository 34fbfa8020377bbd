-- Purpose: an account with its identities. Parameters: $1 id.
-- Columns: as struct user; the last says whether it is banned.
SELECT u.id::text, coalesce(u.aud, ''), coalesce(u.role, ''), coalesce(u.email, ''), u.email_confirmed_at,
       coalesce(u.phone, ''), u.confirmed_at, u.last_sign_in_at,
       coalesce(u.raw_app_meta_data, '{}'), coalesce(u.raw_user_meta_data, '{}'),
       coalesce((SELECT json_agg(json_build_object(
                   'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
                   'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at,
                   'created_at', i.created_at, 'updated_at', i.updated_at, 'email', i.email) ORDER BY i.created_at)
                   FROM auth.identities i WHERE i.user_id = u.id), '[]'),
       coalesce(u.created_at, now()), coalesce(u.updated_at, now()), u.is_anonymous,
       coalesce(u.banned_until > now(), false)
  FROM auth.users u
 WHERE u.id = $1::uuid AND u.deleted_at IS NULL
