-- Purpose: when agents work. Columns: agent; working_hours.
-- Run by: the role of romashka-db-background-uri.
SELECT a.agent_id::text AS agent, a.working_hours FROM public.agent_availability AS a WHERE a.working_hours IS NOT NULL
