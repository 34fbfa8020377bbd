-- Lists the sessions that an incident concerns: the one that it names, or else
-- those of its user, from its address where it names one.
-- Input: $1 session_hash or '', $2 user or '', $3 address or ''.
-- Returns: session_id.
-- Run by: the login of background work.
SELECT k.session_id::text
FROM romashka.sessions AS k JOIN public.security_sessions AS s ON s.id = k.row_id
WHERE k.ended_at IS NULL AND CASE
  WHEN $1 <> '' THEN s.session_token = $1
  WHEN $2 <> '' THEN k.user_id::text = $2 AND ($3 = '' OR host(s.ip_address) = $3)
  ELSE false END
ORDER BY k.session_id
