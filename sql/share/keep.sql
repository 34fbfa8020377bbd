-- Purpose: keeps the file of an export.
-- Parameters: $1 uuid share, $2 text name, $3 text media type, $4 bytea.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO romashka.share_files (share_id, name, type, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (share_id) DO UPDATE SET name = EXCLUDED.name, type = EXCLUDED.type, body = EXCLUDED.body, made_at = now()
