-- Purpose: a new refresh token. Parameters: $1 token, $2 user's id, $3 the
-- token that it follows or NULL, $4 session's id.
INSERT INTO auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
VALUES ('00000000-0000-0000-0000-000000000000', $1::text, $2::text, false, now(), now(), $3::text, $4::uuid)
