-- Purpose: a message for people, see the function.
-- Parameters: $1 topic, $2 severity, $3 subject, $4 text, $5 channel or '', $6 recipient or '', $7 group or '', $8 key or ''; all text.
-- Run by: the role of romashka-db-background-uri, in the transaction of the message's cause.
SELECT romashka.enqueue_message($1, $2, $3, $4, NULLIF($5, ''), NULLIF($6, ''), NULLIF($7, ''), NULLIF($8, ''))
