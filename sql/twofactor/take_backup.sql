-- Purpose: use a backup code, once over all replicas; no row if it was used or is another by now.
-- Parameters: $1 uuid user, $2 smallint position, $3 text hash. Run by: the role of romashka-db-background-uri.
UPDATE romashka.backup_codes SET used_at = now()
WHERE user_id = $1 AND position = $2 AND code_hash = $3 AND used_at IS NULL
