-- Purpose: secrets that the front end wrote in the clear, which nobody else is at.
-- Parameters: $1 int how many. Columns: user_id, secret ('' = backup codes only).
-- Run by: the role of romashka-db-background-uri, in the transaction that encrypts them.
SELECT s.user_id, COALESCE(s.secret, '') AS secret FROM romashka.two_factor_secrets AS s
WHERE s.secret IS NOT NULL OR s.backup_hashes <> '{}'
ORDER BY s.user_id LIMIT $1 FOR UPDATE SKIP LOCKED
