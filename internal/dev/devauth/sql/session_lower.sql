-- Purpose: sessions that rested on a factor that is no more. Parameters: $1
-- factor's id.
WITH lowered AS (
  UPDATE auth.sessions SET aal = 'aal1', factor_id = NULL, updated_at = now() WHERE factor_id = $1::uuid RETURNING id
)
DELETE FROM auth.mfa_amr_claims WHERE session_id IN (SELECT id FROM lowered) AND authentication_method = 'totp'
