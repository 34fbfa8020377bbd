-- The queue and the judgements are computed again from the messages.
DROP TRIGGER IF EXISTS romashka_queue_text ON public.messages;
DROP TRIGGER IF EXISTS romashka_queue_text_again ON public.messages;
DROP FUNCTION IF EXISTS romashka.queue_text();
DROP FUNCTION IF EXISTS romashka.queue_text_again();
DROP TABLE IF EXISTS romashka.text_queue;
DROP TABLE IF EXISTS romashka.text_state;
DELETE FROM public.sentiment_analysis WHERE model_version IS NOT NULL;
DROP INDEX IF EXISTS public.idx_sentiment_analysis_judged;
ALTER TABLE public.sentiment_analysis
  DROP COLUMN IF EXISTS language,
  DROP COLUMN IF EXISTS reason,
  DROP COLUMN IF EXISTS emotions_reason,
  DROP COLUMN IF EXISTS topics,
  DROP COLUMN IF EXISTS model_version;
