-- Purpose: a time that an agent of the demo tenant is there, which may have ended since.
-- Parameters: $1 agent; $2 since; $3 until, NULL while it goes on.
-- Run by: supabase_admin, while a demo tenant goes on.
INSERT INTO romashka.presence AS p (agent_id, since, until) VALUES ($1, $2, $3)
ON CONFLICT (agent_id, since) DO UPDATE SET until = EXCLUDED.until WHERE p.until IS NULL AND EXCLUDED.until IS NOT NULL
