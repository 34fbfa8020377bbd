-- Purpose: how the sending of a message went, and of its parts.
-- Parameters: $1 uuid message, $2 text state, $3 text failure or '', $4 interval until the next attempt.
-- Run by: the role of romashka-db-background-uri.
UPDATE romashka.messages SET state = $2::text, failure = NULLIF($3::text, ''), leased_until = NULL, html = CASE WHEN $2::text = 'waiting' THEN html END,
  ended_at = CASE WHEN $2::text <> 'waiting' THEN clock_timestamp() END,
  due_at = CASE WHEN $2::text = 'waiting' THEN clock_timestamp() + $4::interval * (0.9 + random() * 0.2) ELSE due_at END
WHERE message_id = $1 OR sent_with = $1 AND state = 'waiting'
