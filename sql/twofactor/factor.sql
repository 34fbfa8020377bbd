-- Purpose: a factor of a user, with the code that was sent for it.
-- Parameters: $1 uuid factor, $2 uuid user.
-- Columns: method, enabled, from_table, destination, secret, key_id, last_step, code_hash, code_key (NULL without a live code).
-- Run by: the role of romashka-db-background-uri.
SELECT f.method, f.enabled, f.from_table, COALESCE(f.destination, '') AS destination, f.secret, COALESCE(f.key_id, '') AS key_id,
       COALESCE(f.last_step, 0) AS last_step, c.code_hash, COALESCE(c.key_id, '') AS code_key
FROM romashka.factors AS f
LEFT JOIN romashka.factor_codes AS c ON c.factor_id = f.factor_id AND c.expires_at > now()
WHERE f.factor_id = $1 AND f.user_id = $2
