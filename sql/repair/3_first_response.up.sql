-- The first answer to a conversation is noted
CREATE OR REPLACE FUNCTION romashka.repair_note_first_response()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, extensions AS $$
BEGIN
  UPDATE public.conversation_analytics AS a SET first_response_at = NEW.created_at
  WHERE a.conversation_id = NEW.conversation_id AND (a.first_response_at IS NULL OR a.first_response_at > NEW.created_at);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.repair_note_first_response() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_repair_note_first_response ON public.messages;
CREATE TRIGGER romashka_repair_note_first_response AFTER INSERT ON public.messages
  FOR EACH ROW WHEN (NEW.sender_type IN ('ai', 'agent', 'bot'))
  EXECUTE FUNCTION romashka.repair_note_first_response();

UPDATE public.conversation_analytics AS a SET first_response_at = m.first
FROM (SELECT conversation_id, min(created_at) AS first FROM public.messages
      WHERE sender_type IN ('ai', 'agent', 'bot') GROUP BY conversation_id) AS m
WHERE m.conversation_id = a.conversation_id AND a.first_response_at IS NULL;
