-- Forgets the sessions of which no token is good any more: those that have ended,
-- and those of which nothing was seen for 90 days. Their rows stay.
-- Run by: the role of romashka-db-background-uri.
DELETE FROM romashka.sessions AS k
WHERE k.ended_at < now() - interval '8 days' AND k.token_until < now() - interval '1 day' AND NOT k.refreshable
   OR k.seen_at < now() - interval '90 days' AND k.token_until < now() - interval '1 day'
