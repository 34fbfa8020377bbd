-- Purpose: a challenge that was answered. Parameters: $1 its id.
UPDATE auth.mfa_challenges SET verified_at = now() WHERE id = $1::uuid
