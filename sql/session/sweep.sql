-- Ends the sessions of which nothing was seen for too long, and those that are
-- too old.
-- Input: $1 the longest time without activity, $2 the longest life, both in
-- seconds; 0 = without a limit.
-- Returns the number of sessions.
-- Run by: the role of romashka-db-background-uri.
WITH over AS (
  SELECT k.session_id, CASE WHEN $2::float8 > 0 AND r.created_at < now() - make_interval(secs => $2) THEN 'too old' ELSE 'idle' END AS reason
  FROM romashka.sessions AS k JOIN public.security_sessions AS r ON r.id = k.row_id
  WHERE k.ended_at IS NULL AND r.is_active
    AND ($1::float8 > 0 AND r.last_activity < now() - make_interval(secs => $1)
      OR $2::float8 > 0 AND r.created_at < now() - make_interval(secs => $2))
  LIMIT 1000
)
SELECT count(*) FROM over, LATERAL romashka.session_over(over.session_id, over.reason) AS ended
