-- Purpose: take a code that was sent, once over all replicas; no row if it is gone.
-- Parameters: $1 uuid factor, $2 bytea hash. Run by: the role of romashka-db-background-uri.
WITH taken AS (
  DELETE FROM romashka.factor_codes WHERE factor_id = $1 AND code_hash = $2 AND expires_at > now() RETURNING factor_id
)
UPDATE romashka.factors AS f SET last_used = now() FROM taken AS t WHERE f.factor_id = t.factor_id
