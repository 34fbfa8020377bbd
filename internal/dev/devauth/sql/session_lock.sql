-- Purpose: lock the session of a refresh token. Parameters: $1 token.
-- Columns: the session's id. No row if there is no such token.
SELECT s.id::text
  FROM auth.sessions s
 WHERE s.id = (SELECT t.session_id FROM auth.refresh_tokens t WHERE t.token = $1::text)
   FOR UPDATE
