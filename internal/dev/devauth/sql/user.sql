-- Purpose: accounts with their identities and factors. Parameters: $1 ids, in
-- whose order the rows come. Columns: as struct user; the last ones say whether
-- the user is banned, and whether he has a password.
SELECT u.id::text, coalesce(u.aud, ''), coalesce(u.role, ''), coalesce(u.email, ''), u.email_confirmed_at, u.invited_at,
       coalesce(u.phone, ''), u.phone_confirmed_at, u.confirmation_sent_at, u.confirmed_at, u.recovery_sent_at,
       coalesce(u.email_change, ''), u.email_change_sent_at, u.reauthentication_sent_at, u.last_sign_in_at,
       coalesce(u.raw_app_meta_data, '{}'), coalesce(u.raw_user_meta_data, '{}'),
       coalesce((SELECT json_agg(json_build_object(
                   'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
                   'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at,
                   'created_at', i.created_at, 'updated_at', i.updated_at, 'email', i.email) ORDER BY i.created_at)
                   FROM auth.identities i WHERE i.user_id = u.id), '[]'),
       (SELECT json_agg(json_strip_nulls(json_build_object(
                 'id', f.id, 'created_at', f.created_at, 'updated_at', f.updated_at, 'status', f.status,
                 'friendly_name', nullif(f.friendly_name, ''), 'factor_type', f.factor_type)) ORDER BY f.created_at)
          FROM auth.mfa_factors f WHERE f.user_id = u.id),
       coalesce(u.created_at, now()), coalesce(u.updated_at, now()), u.banned_until, u.is_anonymous,
       coalesce(u.banned_until > now(), false), coalesce(u.encrypted_password, '') <> ''
  FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
  JOIN auth.users u USING (id)
 WHERE u.deleted_at IS NULL
 ORDER BY wanted.place
