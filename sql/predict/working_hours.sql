-- Purpose: when agents work. Columns: working_hours, of each agent.
-- Run by: the role of romashka-db-background-uri.
SELECT a.working_hours FROM public.agent_availability AS a WHERE a.working_hours IS NOT NULL
