-- Purpose: the share that is due next: to be planned, mailed or written; no row for
-- none. It is not due again for some minutes, whatever becomes of the process.
-- Columns: id, kind, schedule, planned, row_id, user_id.
-- Run by: the role of romashka-db-background-uri.
UPDATE romashka.shares AS s SET due_at = clock_timestamp() + interval '10 minutes'
WHERE s.id = (
  SELECT d.id FROM romashka.shares AS d
  WHERE d.kind <> 'embed' AND d.revoked_at IS NULL AND d.expires_at > now() AND (NOT d.planned AND d.due_at IS NULL OR d.due_at <= clock_timestamp())
  ORDER BY d.due_at NULLS FIRST, d.created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING s.id, s.kind, COALESCE(s.schedule, '') AS schedule, s.planned, s.row_id, s.user_id
