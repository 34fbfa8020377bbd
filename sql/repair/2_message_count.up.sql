-- Each message is counted once
-- saves: public.update_conversation_message_count()
-- handle_new_message() counts those that come, this function those that go.
CREATE OR REPLACE FUNCTION public.update_conversation_message_count()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, extensions AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    RETURN NEW;
  END IF;
  UPDATE public.conversations AS c
     SET message_count = GREATEST(c.message_count - 1, 0),
         (last_message, last_message_at) = (
           SELECT pg_catalog.left(m.content, 200), m.created_at FROM public.messages AS m
            WHERE m.conversation_id = c.id ORDER BY m.created_at DESC LIMIT 1)
   WHERE c.id = OLD.conversation_id;
  RETURN OLD;
END
$$;

-- Counts that are wrong are put right. The trigger that dates every change is
-- off meanwhile: nothing happened to these conversations.
DO $count$
DECLARE
  dating text;
BEGIN
  SELECT quote_ident(t.tgname) INTO dating
  FROM pg_catalog.pg_trigger AS t
  WHERE t.tgrelid = 'public.conversations'::regclass AND t.tgfoid = to_regprocedure('public.update_updated_at_column()') AND t.tgenabled = 'O';
  IF dating IS NOT NULL THEN
    EXECUTE 'ALTER TABLE public.conversations DISABLE TRIGGER ' || dating;
  END IF;
  UPDATE public.conversations AS c SET message_count = n.count
  FROM (SELECT m.conversation_id, count(*)::integer AS count FROM public.messages AS m GROUP BY m.conversation_id) AS n
  WHERE n.conversation_id = c.id AND c.message_count IS DISTINCT FROM n.count;
  IF dating IS NOT NULL THEN
    EXECUTE 'ALTER TABLE public.conversations ENABLE TRIGGER ' || dating;
  END IF;
END
$count$;
