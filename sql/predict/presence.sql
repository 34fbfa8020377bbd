-- Purpose: in which hours agents with working hours gave a sign of being there.
-- Parameters: $1 time zone, $2 from, $3 until (not included).
-- Columns: agent; hour of the tenant's clock; messages that the agent sent in it.
-- Run by: the role of romashka-db-background-uri.
SELECT m.sender_id::text AS agent, date_trunc('hour', m.created_at AT TIME ZONE $1) AS hour, count(*) AS messages
FROM public.messages AS m
WHERE m.created_at >= $2 AND m.created_at < $3 AND m.sender_type = 'agent'
  AND m.sender_id::text IN (SELECT a.agent_id::text FROM public.agent_availability AS a WHERE a.working_hours IS NOT NULL)
GROUP BY 1, 2
ORDER BY 2, 1
