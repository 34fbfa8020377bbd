-- Purpose: the last session of each user before a moment, and how many there were.
-- Parameters: $1 the moment.
-- Columns: user, last, sessions.
-- Run by: the login of background work.
SELECT user_id::text, max(created_at), count(*) FROM public.security_sessions
WHERE created_at < $1 AND user_id IS NOT NULL
GROUP BY user_id
