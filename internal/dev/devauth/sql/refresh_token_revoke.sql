-- Purpose: a refresh token that has done its duty. Parameters: $1 token.
UPDATE auth.refresh_tokens SET revoked = true, updated_at = now() WHERE token = $1::text
