-- Purpose: whether a session has shown a second factor lately, and is not ended.
-- Parameters: $1 uuid session or NULL, $2 uuid user, $3 interval that counts as lately.
-- Run by: the role of romashka-db-background-uri.
SELECT EXISTS (
  SELECT FROM romashka.verified_sessions AS v
  WHERE v.session_id = $1 AND v.user_id = $2 AND v.verified_at > now() - $3::interval AND v.verified_until > now()
    AND (NOT v.known OR EXISTS (SELECT FROM auth.sessions AS s WHERE s.id = v.session_id)))
