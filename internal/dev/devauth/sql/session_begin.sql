-- Purpose: a new session. Parameters: $1 user's id, $2 user agent, $3 client's
-- address or NULL, $4 how the user proved who he is. Columns: the session's id.
WITH begun AS (
  INSERT INTO auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
  VALUES (gen_random_uuid(), $1::uuid, now(), now(), 'aal1', $2::text, $3::text::inet)
  RETURNING id
), proof AS (
  INSERT INTO auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method)
  SELECT id, now(), now(), $4::text FROM begun
), account AS (
  UPDATE auth.users SET last_sign_in_at = now(), updated_at = now() WHERE id = $1::uuid
), identity AS (
  UPDATE auth.identities SET last_sign_in_at = now(), updated_at = now() WHERE user_id = $1::uuid AND provider = 'email'
)
SELECT id::text FROM begun
