-- Purpose: remove a factor; with the last that counted, its sessions and codes go too.
-- Parameters: $1 uuid factor, $2 uuid user. Run by: the role of romashka-db-background-uri.
WITH gone AS (
  DELETE FROM romashka.factors WHERE factor_id = $1 AND user_id = $2 RETURNING enabled
), last AS (
  SELECT FROM gone WHERE enabled
    AND NOT EXISTS (SELECT FROM romashka.factors AS f WHERE f.user_id = $2 AND f.enabled AND f.factor_id <> $1)
), codes AS (
  DELETE FROM romashka.backup_codes WHERE user_id = $2 AND EXISTS (SELECT FROM last)
)
DELETE FROM romashka.verified_sessions WHERE user_id = $2 AND EXISTS (SELECT FROM last)
