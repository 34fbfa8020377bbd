-- Purpose: no refresh token of a session may be used again. Parameters: $1
-- session's id.
UPDATE auth.refresh_tokens SET revoked = true, updated_at = now() WHERE session_id = $1::uuid AND NOT coalesce(revoked, false)
