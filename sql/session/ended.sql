-- Lists the sessions that ended after a time and of which a token may be good
-- still.
-- Input: $1 the time.
-- Returns: session_id, ended_at.
-- Run by: the role of romashka-db-background-uri.
SELECT k.session_id::text, k.ended_at
FROM romashka.sessions AS k
WHERE k.ended_at > $1 AND (k.token_until > now() - interval '2 minutes' OR k.refreshable)
