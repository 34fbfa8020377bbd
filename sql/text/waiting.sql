-- Purpose: the messages that have waited longest, with the topics given for them.
-- Parameters: $1 how many rows of the queue, $2 how many characters of a message.
-- Columns: numbers of the queue, message, conversation, whether it is a customer's, text,
--   intents, tags; message and the columns behind it are NULL if it is gone.
-- Run by: the login of background work.
SELECT array_agg(q.n), m.id, m.conversation_id, COALESCE(m.sender_type IN ('user', 'customer'), false), COALESCE(left(m.content, $2::int), ''),
       array_remove(ARRAY[m.intent_detected, c.intent]::text[], NULL), COALESCE(array_remove(c.tags, NULL), '{}')
FROM (SELECT n, message_id FROM romashka.text_queue ORDER BY n LIMIT $1::int) AS q
LEFT JOIN public.messages AS m ON m.id = q.message_id
LEFT JOIN public.conversations AS c ON c.id = m.conversation_id
GROUP BY q.message_id, m.id, c.id
ORDER BY min(q.n)
