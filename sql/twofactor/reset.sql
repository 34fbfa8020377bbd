-- Purpose: take from a user every factor with its sessions and codes.
-- Parameters: $1 uuid user. Columns: how many that counted.
-- Run by: the role of romashka-db-background-uri.
WITH factors AS (
  DELETE FROM romashka.factors WHERE user_id = $1 RETURNING enabled
), codes AS (
  DELETE FROM romashka.backup_codes WHERE user_id = $1
), sessions AS (
  DELETE FROM romashka.verified_sessions WHERE user_id = $1
), plain AS (
  DELETE FROM romashka.two_factor_secrets WHERE user_id = $1
)
SELECT count(*) FILTER (WHERE enabled)::int FROM factors
