-- Purpose: writes how far detection has read, if nobody else has written since.
-- Parameters: $1 the snapshot that stood there, '' for none; $2 the new one; $3 up to
--   when the memory is; $4 its form; $5 the memory, or NULL to leave it.
-- Run by: the login of background work, in the transaction of the incidents.
INSERT INTO romashka.detection AS d (seen, settled, version, memory)
SELECT $2::text::pg_snapshot, $3, $4, $5
WHERE $1 = '' OR EXISTS (SELECT FROM romashka.detection)
ON CONFLICT (one) DO UPDATE
SET seen = excluded.seen, told_at = now(),
    settled = CASE WHEN $5::bytea IS NULL THEN d.settled ELSE excluded.settled END,
    version = CASE WHEN $5::bytea IS NULL THEN d.version ELSE excluded.version END,
    memory  = COALESCE(excluded.memory, d.memory)
WHERE d.seen::text = $1
