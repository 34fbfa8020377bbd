-- Purpose: one after the other writes a name. Parameters: $1 bucket's id, $2
-- name. A statement of its own: the next one sees what the last writer wrote.
SELECT pg_advisory_xact_lock(hashtextextended($1::text || '/' || $2::text, 0))
