-- Purpose: writes the results for messages that are still there, in place of earlier ones.
-- Parameters: $1 the rows as a JSON array of message_id, score, label, confidence, keywords, topics,
--   language, reason; $2 why there are no emotions, $3 the model.
-- Run by: the login of background work.
INSERT INTO public.sentiment_analysis AS s (conversation_id, message_id, sentiment_score, sentiment_label, confidence, emotions, keywords,
  analyzed_at, topics, language, reason, emotions_reason, model_version)
SELECT m.conversation_id, m.id, r.score, r.label, r.confidence, NULL, r.keywords,
       now(), r.topics, r.language, r.reason, $2::text, $3::text
FROM jsonb_to_recordset($1::jsonb) AS r (message_id uuid, score numeric, label text, confidence numeric, keywords text[], topics text[],
  language text, reason text)
JOIN public.messages AS m ON m.id = r.message_id
FOR KEY SHARE OF m
ON CONFLICT (message_id) WHERE model_version IS NOT NULL DO UPDATE SET
  conversation_id = EXCLUDED.conversation_id, sentiment_score = EXCLUDED.sentiment_score, sentiment_label = EXCLUDED.sentiment_label,
  confidence = EXCLUDED.confidence, emotions = NULL, keywords = EXCLUDED.keywords, analyzed_at = EXCLUDED.analyzed_at, topics = EXCLUDED.topics,
  language = EXCLUDED.language, reason = EXCLUDED.reason, emotions_reason = EXCLUDED.emotions_reason, model_version = EXCLUDED.model_version
