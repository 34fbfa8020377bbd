-- Purpose: a factor whose code was right; others that were never verified go.
-- Parameters: $1 its id, $2 user's id.
WITH others AS (
  DELETE FROM auth.mfa_factors WHERE user_id = $2::uuid AND id <> $1::uuid AND status = 'unverified' AND factor_type = 'totp'
)
UPDATE auth.mfa_factors SET status = 'verified', updated_at = now() WHERE id = $1::uuid
