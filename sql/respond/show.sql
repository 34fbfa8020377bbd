-- Lists the refused addresses and networks, for people.
-- Returns: one JSON object a row.
-- Run by: the login of the command line.
SELECT jsonb_build_object('cidr', b.network, 'blocked_at', b.blocked_at, 'blocked_until', b.blocked_until, 'reason', b.reason,
  'blocked_by', b.blocked_by, 'blocked_as', b.blocked_as, 'incident_id', b.incident_id)
FROM romashka.blocked_addresses AS b
WHERE b.blocked_until > now()
ORDER BY b.blocked_until
