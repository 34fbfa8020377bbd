-- As deployed: the column stays, the key goes.
ALTER TABLE public.conversations DROP CONSTRAINT IF EXISTS conversations_assigned_agent_id_fkey;
