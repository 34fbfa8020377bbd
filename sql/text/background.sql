-- Purpose: customers' messages in the newest conversations, which keywords are held against.
-- Parameters: $1 how many conversations, $2 how many characters of a message.
-- Columns: conversation, text; a conversation's texts follow each other.
-- Run by: the login of background work.
SELECT c.id, left(m.content, $2::int)
FROM (SELECT id FROM public.conversations ORDER BY created_at DESC NULLS LAST LIMIT $1::int) AS c
CROSS JOIN LATERAL (
  SELECT content FROM public.messages
  WHERE conversation_id = c.id AND sender_type IN ('user', 'customer') ORDER BY created_at LIMIT 20
) AS m
