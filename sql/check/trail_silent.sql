-- Purpose: activity of which the request log has no line. Conversations and
-- messages come by requests, so a newer one than the newest line says that
-- requests pass by unrecorded.
-- Parameters: none. Read only.
-- Needs: public.api_security_logs, public.conversations, public.messages
WITH newest AS (
  SELECT (SELECT max("timestamp") FROM public.api_security_logs) AS line,
         GREATEST((SELECT max(created_at) FROM public.conversations), (SELECT max(created_at) FROM public.messages)) AS activity
)
SELECT 'error' AS severity, 'table public.api_security_logs' AS object, 'public.api_security_logs' AS relation,
       'requests leave no line in the log' AS fault,
       format('newest line %s, newest conversation or message %s', COALESCE(date_trunc('minute', line)::text, 'none'), date_trunc('minute', activity)) AS evidence,
       'set romashka-api-log and romashka-db-background-uri, and let clients come by the sidecar; SELECT max("timestamp") FROM public.api_security_logs;' AS remedy
FROM newest
WHERE activity > COALESCE(line, '-infinity') + interval '1 hour'
