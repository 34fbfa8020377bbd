-- Purpose: a refresh token, and which token of its session is valid now.
-- Parameters: $1 token. Columns: token, user's id, session's id, revoked, age,
-- the valid token, its parent.
SELECT t.token, t.user_id, t.session_id::text, coalesce(t.revoked, false), now() - t.updated_at,
       v.token, v.parent
  FROM auth.refresh_tokens t
  LEFT JOIN LATERAL (
    SELECT token, parent FROM auth.refresh_tokens
     WHERE session_id = t.session_id AND NOT coalesce(revoked, false) ORDER BY id DESC LIMIT 1) v ON true
 WHERE t.token = $1::text
