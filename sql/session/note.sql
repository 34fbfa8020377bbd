-- Writes down the sessions of a batch of requests, one element each: a row of
-- security_sessions for one that is new, the time of its last activity for one
-- that is known. A session that has ended stays as it is, and somebody without a
-- profile has no row. Replicas may see a session at once: its hash is the key.
-- Input: $1 an array of {session_id, user_id, token, ip, agent, at, until,
-- lifetime (seconds), method, device, place}, sessions once.
-- Run by: the role of romashka-db-background-uri.
WITH seen AS MATERIALIZED (
  SELECT s.*
  FROM jsonb_to_recordset($1::jsonb) AS s (session_id uuid, user_id uuid, token text, ip inet, agent text, at timestamptz,
    until timestamptz, lifetime int, method text, device jsonb, place jsonb)
), moved AS (
  UPDATE public.security_sessions AS r SET last_activity = seen.at
  FROM romashka.sessions AS k JOIN seen ON seen.session_id = k.session_id
  WHERE r.id = k.row_id AND r.is_active AND (r.last_activity IS NULL OR r.last_activity < seen.at)
), longer AS (
  UPDATE romashka.sessions AS k
  SET token_until = greatest(k.token_until, seen.until), lifetime = greatest(k.lifetime, make_interval(secs => seen.lifetime)), seen_at = greatest(k.seen_at, seen.at)
  FROM seen WHERE k.session_id = seen.session_id
), fresh AS (
  INSERT INTO public.security_sessions
    (user_id, session_token, ip_address, user_agent, login_method, created_at, last_activity, is_active, device_info, geolocation)
  SELECT p.id, seen.token, seen.ip, seen.agent, seen.method, seen.at, seen.at, true, seen.device, seen.place
  FROM seen JOIN public.profiles AS p ON p.id = seen.user_id
  WHERE NOT EXISTS (SELECT FROM romashka.sessions AS k WHERE k.session_id = seen.session_id)
  ON CONFLICT (session_token) DO NOTHING
  RETURNING id, session_token
)
INSERT INTO romashka.sessions AS k (session_id, row_id, user_id, opened_at, seen_at, token_until, lifetime, at_auth)
SELECT seen.session_id, COALESCE(fresh.id, (SELECT r.id FROM public.security_sessions AS r WHERE r.session_token = seen.token)),
       seen.user_id, seen.at, seen.at, seen.until, make_interval(secs => seen.lifetime), NULL
FROM seen LEFT JOIN fresh ON fresh.session_token = seen.token
ON CONFLICT (session_id) DO NOTHING
