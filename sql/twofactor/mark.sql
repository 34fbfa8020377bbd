-- Purpose: a second factor was shown in a session, which may have a row of Supabase Auth's to end with.
-- Parameters: $1 uuid session, $2 uuid user, $3 text method, $4 interval how long it counts.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO romashka.verified_sessions AS v (session_id, user_id, method, verified_until, known)
VALUES ($1, $2, $3, now() + $4::interval, EXISTS (SELECT FROM auth.sessions AS s WHERE s.id = $1))
ON CONFLICT (session_id) DO UPDATE SET user_id = EXCLUDED.user_id, method = EXCLUDED.method, verified_at = now(),
  verified_until = EXCLUDED.verified_until, known = EXCLUDED.known
RETURNING verified_until
