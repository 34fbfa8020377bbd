-- Purpose: the file of an export, for its user.
-- Parameters: $1 uuid share, $2 uuid user. Columns: name, type, body.
-- Run by: the role of romashka-db-background-uri.
SELECT f.name, f.type, f.body FROM romashka.share_files AS f JOIN romashka.shares AS s ON s.id = f.share_id
WHERE s.id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > now()
