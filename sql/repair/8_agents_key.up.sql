-- Conversations point to the agents who have them
-- Not validated: agents of old conversations may be gone, and who had them stays
-- on record.
ALTER TABLE public.conversations ADD CONSTRAINT conversations_assigned_agent_id_fkey
  FOREIGN KEY (assigned_agent_id) REFERENCES public.profiles (id) ON DELETE SET NULL NOT VALID;
