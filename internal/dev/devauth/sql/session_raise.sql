-- Purpose: a session whose user showed a second factor; those of his that are
-- without one end. Parameters: $1 session's id, $2 user's id, $3 factor's id.
WITH proof AS (
  INSERT INTO auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method)
  VALUES ($1::uuid, now(), now(), 'totp')
  ON CONFLICT (session_id, authentication_method) DO UPDATE SET updated_at = now()
), others AS (
  DELETE FROM auth.sessions WHERE user_id = $2::uuid AND id <> $1::uuid AND coalesce(aal, 'aal1') < 'aal2'
)
UPDATE auth.sessions SET aal = 'aal2', factor_id = $3::uuid, updated_at = now() WHERE id = $1::uuid
