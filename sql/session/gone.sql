-- Ends the sessions that Supabase Auth had and no longer has: somebody signed
-- out there, or was deleted. A role from which policies hide rows gets an error,
-- not an empty table (row_security is off).
-- Returns the number of sessions.
-- Run by: the role of romashka-db-background-uri.
WITH had AS (
  UPDATE romashka.sessions AS k SET at_auth = true
  FROM auth.sessions AS a
  WHERE a.id = k.session_id AND k.at_auth IS NULL AND k.ended_at IS NULL
), gone AS (
  SELECT k.session_id
  FROM romashka.sessions AS k
  WHERE k.at_auth AND k.ended_at IS NULL AND k.token_until > now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM auth.sessions AS a WHERE a.id = k.session_id)
)
SELECT count(*) FROM gone, LATERAL romashka.session_over(gone.session_id, 'signed out at Supabase') AS ended
