-- Purpose: a factor that no code has confirmed yet, instead of an older one of the same method.
-- Parameters: $1 uuid factor, $2 uuid user, $3 text method, $4 text destination or '', $5 bytea secret or NULL, $6 text key or ''.
-- Run by: the role of romashka-db-background-uri.
WITH gone AS (
  DELETE FROM romashka.factors WHERE user_id = $2 AND method = $3 AND NOT enabled AND NOT from_table
)
INSERT INTO romashka.factors (factor_id, user_id, method, destination, secret, key_id)
VALUES ($1, $2, $3, NULLIF($4, ''), $5, NULLIF($6, ''))
