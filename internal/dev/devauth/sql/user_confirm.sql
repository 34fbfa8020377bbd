-- Purpose: an address that its owner has shown to be his. Parameters: $1 id.
WITH account AS (
  UPDATE auth.users SET email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now() WHERE id = $1::uuid
)
UPDATE auth.identities SET identity_data = identity_data || '{"email_verified": true}', updated_at = now()
 WHERE user_id = $1::uuid AND provider = 'email'
