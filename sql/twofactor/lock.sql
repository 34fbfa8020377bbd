-- Purpose: one attempt of a user at a time, over all replicas; and who he is to
-- the functions that look at the caller's claims.
-- Parameters: $1 uuid user, $2 text claims as JSON.
-- Run by: the role of romashka-db-background-uri, first in its transaction.
SELECT pg_advisory_xact_lock(hashtextextended('romashka second factor ' || $1::uuid::text, 0)),
       set_config('request.jwt.claims', $2::text, true), set_config('lock_timeout', '10s', true)
