-- Purpose: changes of second factors, as Supabase Auth notes them.
-- Parameters: $1, $2 the span, half-open.
-- Columns: id, when, user, action, factor, address, 0 (as of factor_events.sql).
-- Run by: the login of background work, if it may.
SELECT id::text, created_at, COALESCE(payload ->> 'actor_id', ''), payload ->> 'action', COALESCE(payload -> 'traits' ->> 'factor_id', ''), COALESCE(ip_address, ''), 0
FROM auth.audit_log_entries
WHERE created_at >= $1 AND created_at < $2
  AND payload ->> 'action' IN ('factor_unenrolled', 'factor_deleted', 'verification_attempted')
