-- Purpose: a right code was seen: the factor counts.
-- Parameters: $1 uuid factor. Run by: the role of romashka-db-background-uri.
UPDATE romashka.factors SET enabled = true, from_table = false, confirmed_at = now(), last_used = now() WHERE factor_id = $1
