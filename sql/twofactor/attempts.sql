-- Purpose: the attempts that count against another one of a user from an address.
-- Parameters: $1 uuid user, $2 inet address (NULL = not known), $3 text event: refused or sent.
-- Columns: near (in an hour from there, since the last success from there), last (seconds since the last of them),
--   all_over (in an hour from everywhere), known (he succeeded from there within 30 days),
--   told (a limit was noted within the hour).
-- Run by: the role of romashka-db-background-uri.
WITH past AS (
  SELECT e.event, e.at, e.address IS NOT DISTINCT FROM $2::inet AS here
  FROM romashka.factor_events AS e
  WHERE e.user_id = $1 AND e.at > clock_timestamp() - interval '1 hour' AND e.event IN ('refused', 'sent', 'verified', 'limited')
), since AS (
  SELECT COALESCE(max(at), '-infinity') AS at FROM past WHERE here AND event = 'verified' AND $3 = 'refused'
)
SELECT count(*) FILTER (WHERE here AND p.at > s.at)::int AS near,
       COALESCE(extract(epoch FROM clock_timestamp() - max(p.at) FILTER (WHERE here AND p.at > s.at)), 3600)::float8 AS last,
       COALESCE(extract(epoch FROM clock_timestamp() - min(p.at) FILTER (WHERE here AND p.at > s.at)), 3600)::float8 AS first,
       count(*)::int AS all_over,
       EXISTS (SELECT FROM romashka.factor_events AS e
               WHERE e.user_id = $1 AND e.address = $2 AND e.event = 'verified' AND e.at > now() - interval '30 days') AS known,
       EXISTS (SELECT FROM past WHERE event = 'limited' AND here) AS told
FROM since AS s LEFT JOIN past AS p ON p.event = $3
