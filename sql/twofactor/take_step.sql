-- Purpose: take a time step of a factor, once over all replicas; no row if it or a later one was taken.
-- Parameters: $1 uuid factor, $2 bigint step. Run by: the role of romashka-db-background-uri.
UPDATE romashka.factors SET last_step = $2, last_used = now()
WHERE factor_id = $1 AND COALESCE(last_step, -1) < $2
