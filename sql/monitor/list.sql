-- Purpose: incidents, the newest first.
-- Parameters: $1 status, or '' for all; $2 how many at most.
-- Columns: one object each.
-- Run by: the login of background work, or the owner.
SELECT to_jsonb(i) FROM public.security_incidents AS i
WHERE $1 = '' OR i.status = $1
ORDER BY i.detected_at DESC, i.id LIMIT $2
