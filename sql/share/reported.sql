-- Purpose: when a report was sent, and when it is next.
-- Parameters: $1 uuid, $2 timestamptz next or NULL, $3 boolean it was sent.
-- Run by: the role of romashka-db-background-uri.
UPDATE public.scheduled_reports SET next_run_at = $2, last_sent_at = CASE WHEN $3 THEN clock_timestamp() ELSE last_sent_at END WHERE id = $1
