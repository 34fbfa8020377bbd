-- Conversations can be resolved: the end is noted without ambiguous names
-- saves: public.finalize_conversation_analytics()
-- The rest is as deployed: the same trigger, the same columns, the same words.
-- The search path is fixed, but not empty: this fires other triggers of the
-- base, which count on it.
CREATE OR REPLACE FUNCTION public.finalize_conversation_analytics()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, extensions AS $$
DECLARE
  took CONSTANT integer := EXTRACT(epoch FROM pg_catalog.now() - NEW.created_at)::integer;
BEGIN
  IF NEW.status IN ('resolved', 'closed') AND OLD.status IS DISTINCT FROM NEW.status
     AND COALESCE(OLD.status, '') NOT IN ('resolved', 'closed') THEN
    UPDATE public.conversation_analytics AS a
       SET resolved_at = pg_catalog.now(),
           total_duration_seconds = took,
           resolved_by = CASE WHEN NEW.assigned_agent_id IS NOT NULL THEN 'agent' ELSE 'ai' END,
           resolution_type = CASE NEW.status WHEN 'resolved' THEN 'solved' ELSE 'closed' END,
           customer_satisfaction = NEW.satisfaction_score
     WHERE a.conversation_id = NEW.id;
    UPDATE public.conversations AS c
       SET resolution_time_seconds = took, resolved_at = pg_catalog.now()
     WHERE c.id = NEW.id;
  END IF;
  RETURN NEW;
END
$$;

-- Times that the trigger never wrote, as far as the conversation itself tells them.
UPDATE public.conversation_analytics AS a
   SET resolved_at = c.resolved_at,
       total_duration_seconds = COALESCE(a.total_duration_seconds, c.resolution_time_seconds, EXTRACT(epoch FROM c.resolved_at - c.created_at)::integer),
       resolved_by = COALESCE(a.resolved_by, CASE WHEN c.assigned_agent_id IS NOT NULL THEN 'agent' ELSE 'ai' END),
       resolution_type = COALESCE(a.resolution_type, CASE c.status WHEN 'resolved' THEN 'solved' ELSE 'closed' END)
  FROM public.conversations AS c
 WHERE c.id = a.conversation_id AND a.resolved_at IS NULL AND c.resolved_at IS NOT NULL AND c.status IN ('resolved', 'closed');
