-- Purpose: how a share's turn went, and when the next one is.
-- Parameters: $1 uuid, $2 timestamptz next or NULL (none), $3 boolean it was done, $4 text failure or ''.
-- Run by: the role of romashka-db-background-uri.
UPDATE romashka.shares SET due_at = $2, planned = true, done_at = CASE WHEN $3 THEN clock_timestamp() ELSE done_at END, failure = NULLIF($4::text, '')
WHERE id = $1
