-- Purpose: drops rows of the queue, and the results for messages that are no longer a customer's.
-- Parameters: $1 numbers of the queue, $2 those messages.
-- Run by: the login of background work.
WITH others AS (
  DELETE FROM public.sentiment_analysis WHERE message_id = ANY ($2::uuid[]) AND model_version IS NOT NULL
)
DELETE FROM romashka.text_queue WHERE n = ANY ($1::bigint[])
