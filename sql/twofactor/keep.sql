-- Purpose: a secret of the front end's as an unconfirmed factor, encrypted; the clear text goes, and
-- so do hashes of backup codes, which count for nothing without a confirmed factor and are short enough to be guessed.
-- Parameters: $1 uuid user, $2 bytea secret or NULL, $3 text key. Run by: the role of romashka-db-background-uri.
WITH gone AS (
  DELETE FROM romashka.two_factor_secrets WHERE user_id = $1
)
INSERT INTO romashka.factors AS f (user_id, method, from_table, secret, key_id)
SELECT $1, 'totp', true, $2, $3 WHERE $2::bytea IS NOT NULL
ON CONFLICT (user_id) WHERE from_table DO UPDATE SET secret = EXCLUDED.secret, key_id = EXCLUDED.key_id, last_step = NULL, created_at = now()
