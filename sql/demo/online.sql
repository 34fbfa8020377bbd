-- Purpose: whether an agent of the demo tenant is there now.
-- Parameters: $1 agent; $2 whether.
-- Run by: supabase_admin, while a demo tenant goes on.
UPDATE public.agent_availability
SET is_online = $2::boolean, status = CASE WHEN $2 THEN 'available' ELSE 'offline' END, last_activity = now()
WHERE agent_id = $1 AND is_online IS DISTINCT FROM $2
