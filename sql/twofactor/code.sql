-- Purpose: the code that was sent last; the one before ends.
-- Parameters: $1 uuid factor, $2 bytea hash, $3 text key, $4 interval life.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO romashka.factor_codes (factor_id, code_hash, key_id, expires_at)
VALUES ($1, $2, $3, now() + $4::interval)
ON CONFLICT (factor_id) DO UPDATE SET code_hash = EXCLUDED.code_hash, key_id = EXCLUDED.key_id,
  expires_at = EXCLUDED.expires_at, sent_at = now()
RETURNING expires_at
