-- Purpose: new backup codes instead of all that there were.
-- Parameters: $1 uuid user, $2 text[] hashes in order. Run by: the role of romashka-db-background-uri.
WITH made AS (
  SELECT (n - 1)::smallint AS position, hash FROM unnest($2::text[]) WITH ORDINALITY AS t (hash, n)
)
INSERT INTO romashka.backup_codes AS b (user_id, position, code_hash)
SELECT $1, position, hash FROM made
ON CONFLICT (user_id, position) DO UPDATE SET code_hash = EXCLUDED.code_hash, used_at = NULL, created_at = now()
