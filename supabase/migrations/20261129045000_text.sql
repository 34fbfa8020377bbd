-- Written by `make generate` from migrations/20261129045000_text.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129045000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- sentiment_analysis has no place for why a message has no sentiment, so a German
-- one and one that nobody has read look the same; nor for its topics, nor for
-- the model.
--
-- Mend: columns for them. Messages that wait are in a queue, to which triggers of
-- messages append in the writer's own transaction: messages are committed in
-- another order than their times or ids say, and a mark of "read up to here"
-- would lose some. The triggers fire for restored and replicated rows, too. A row
-- of the queue is dropped by its number, so an edit during a run waits for the
-- next one.
ALTER TABLE public.sentiment_analysis
  ADD COLUMN IF NOT EXISTS language text,
  ADD COLUMN IF NOT EXISTS reason text,
  ADD COLUMN IF NOT EXISTS emotions_reason text,
  ADD COLUMN IF NOT EXISTS topics text[],
  ADD COLUMN IF NOT EXISTS model_version text;
COMMENT ON COLUMN public.sentiment_analysis.language IS 'Language of the message, BCP 47: und undetermined, zxx no words; NULL in rows of others';
COMMENT ON COLUMN public.sentiment_analysis.reason IS 'Why there is no sentiment; NULL where there is one';
COMMENT ON COLUMN public.sentiment_analysis.emotions_reason IS 'Why there are no emotions';
COMMENT ON COLUMN public.sentiment_analysis.topics IS 'Intents and tags that were given, then phrases that stand out among other conversations';
COMMENT ON COLUMN public.sentiment_analysis.model_version IS 'Model that judged; NULL in rows of others';
CREATE UNIQUE INDEX IF NOT EXISTS idx_sentiment_analysis_judged ON public.sentiment_analysis (message_id) WHERE model_version IS NOT NULL;

CREATE TABLE IF NOT EXISTS romashka.text_queue (
  n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id uuid NOT NULL
);
COMMENT ON TABLE romashka.text_queue IS 'Messages of customers that wait to be judged; a message may stand in it twice';
CREATE TABLE IF NOT EXISTS romashka.text_state (
  one       boolean PRIMARY KEY DEFAULT true CHECK (one),
  filled_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.text_state IS 'When the messages from before the queue were put into it; no row, not yet';
ALTER TABLE romashka.text_queue ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.text_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.text_queue;
CREATE POLICY "Only the owner" ON romashka.text_queue FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.text_state;
CREATE POLICY "Only the owner" ON romashka.text_state FOR ALL TO authenticated USING (false);
REVOKE ALL ON romashka.text_queue, romashka.text_state FROM PUBLIC, anon, authenticated, service_role;

CREATE OR REPLACE FUNCTION romashka.queue_text()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO romashka.text_queue (message_id)
  SELECT f.id FROM fresh AS f WHERE f.sender_type IN ('user', 'customer');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.queue_text() FROM PUBLIC;
CREATE OR REPLACE FUNCTION romashka.queue_text_again()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO romashka.text_queue (message_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.queue_text_again() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_queue_text ON public.messages;
CREATE TRIGGER romashka_queue_text AFTER INSERT ON public.messages
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION romashka.queue_text();
DROP TRIGGER IF EXISTS romashka_queue_text_again ON public.messages;
CREATE TRIGGER romashka_queue_text_again AFTER UPDATE OF content, sender_type, intent_detected, conversation_id ON public.messages
  FOR EACH ROW WHEN ((OLD.content, OLD.sender_type, OLD.intent_detected, OLD.conversation_id)
    IS DISTINCT FROM (NEW.content, NEW.sender_type, NEW.intent_detected, NEW.conversation_id))
  EXECUTE FUNCTION romashka.queue_text_again();
ALTER TABLE public.messages ENABLE ALWAYS TRIGGER romashka_queue_text;
ALTER TABLE public.messages ENABLE ALWAYS TRIGGER romashka_queue_text_again;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129045000, 'text', '656906e1d1cfd0fd466b2775318daec69f0ddd8cabf44fe0a1a2e40726ab7a80', now());
END
$romashka$;
