-- Purpose: another address or more metadata. Parameters: $1 id, $2 e-mail
-- ('' = as it is), $3 metadata that is laid over the old; null deletes a key.
WITH account AS (
  UPDATE auth.users
     SET email = coalesce(nullif(lower($2::text), ''), email),
         raw_user_meta_data = jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}') || $3::jsonb),
         updated_at = now()
   WHERE id = $1::uuid
  RETURNING id, email
)
UPDATE auth.identities i
   SET identity_data = i.identity_data || jsonb_build_object('email', a.email), updated_at = now()
  FROM account a
 WHERE i.user_id = a.id AND i.provider = 'email'
