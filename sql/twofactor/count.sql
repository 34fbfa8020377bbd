-- Purpose: how many confirmed factors a user has.
-- Parameters: $1 uuid user. Run by: the role of romashka-db-background-uri.
SELECT count(*)::int FROM romashka.factors WHERE user_id = $1 AND enabled
