-- Lists the networks that are refused, and for how many seconds yet.
-- Returns: network, seconds.
-- Run by: the role of romashka-db-background-uri.
SELECT b.network::text, extract(epoch FROM b.blocked_until - now())::float8
FROM romashka.blocked_addresses AS b
WHERE b.blocked_until > now()
ORDER BY b.blocked_until DESC LIMIT 10000
