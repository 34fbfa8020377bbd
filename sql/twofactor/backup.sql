-- Purpose: the hash of a backup code that was not used.
-- Parameters: $1 uuid user, $2 smallint position. Run by: the role of romashka-db-background-uri.
SELECT code_hash FROM romashka.backup_codes WHERE user_id = $1 AND position = $2 AND used_at IS NULL
