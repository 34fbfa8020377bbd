-- Purpose: puts messages of customers into the queue that were written while nothing was noted;
--   older ones than the results of a message are kept (90 days where retention says nothing) are
--   left out.
-- Parameters: none.
-- Run by: the login of background work.
WITH filled AS (
  UPDATE romashka.queues SET filled = true WHERE name = 'text'
)
INSERT INTO romashka.text_queue (message_id)
SELECT m.id
FROM public.messages AS m
WHERE m.sender_type IN ('user', 'customer') AND m.created_at > now() - interval '90 days'
  AND NOT EXISTS (SELECT FROM romashka.text_queue AS q WHERE q.message_id = m.id)
ORDER BY m.created_at
