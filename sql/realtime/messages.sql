-- Purpose: broadcasts that were written to realtime.messages.
-- Parameters: 1 their ids, 2 largest payload, in bytes.
-- Columns: id, topic, event, payload (NULL = none, or too large), private.
-- Run by: the role that follows changes, which row level security does not bind.
SELECT m.id::text, m.topic, m.event, CASE WHEN octet_length(m.payload::text) <= $2::int THEN m.payload::text END, COALESCE(m.private, false)
FROM realtime.messages AS m
WHERE m.id = ANY ($1::uuid[]) AND m.extension = 'broadcast' AND m.event IS NOT NULL
