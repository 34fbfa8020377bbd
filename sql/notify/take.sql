-- Purpose: take the message that waits longest, and those of the same burst that wait with it, which become
-- parts of it; no row where none is due.
-- Parameters: $1 interval in which they are not taken again.
-- Columns: message_id, topic, severity (the highest), channel, recipient, subject, body, html, created_at, attempts,
--   parts and subjects (of the others, oldest first).
-- Run by: the role of romashka-db-background-uri, as a transaction of its own.
WITH first AS (
  SELECT m.message_id, m.group_key, m.channel, m.recipient
  FROM romashka.messages AS m
  WHERE m.state = 'waiting' AND m.sent_with IS NULL AND m.due_at <= clock_timestamp()
    AND (m.leased_until IS NULL OR m.leased_until < clock_timestamp())
  ORDER BY m.due_at, m.created_at, m.message_id LIMIT 1 FOR UPDATE SKIP LOCKED
), burst AS (
  SELECT m.message_id FROM romashka.messages AS m JOIN first AS f USING (group_key, channel, recipient)
  WHERE m.state = 'waiting' AND m.message_id <> f.message_id
    AND (m.sent_with = f.message_id
         OR m.sent_with IS NULL AND m.attempts = 0 AND m.due_at <= clock_timestamp() + interval '1 second'
            AND (m.leased_until IS NULL OR m.leased_until < clock_timestamp()))
  FOR UPDATE OF m SKIP LOCKED
), joined AS (
  UPDATE romashka.messages AS m SET sent_with = (SELECT f.message_id FROM first AS f), leased_until = clock_timestamp() + $1::interval
  FROM burst AS b WHERE m.message_id = b.message_id
  RETURNING m.message_id, m.created_at, m.subject, m.body, m.severity
), taken AS (
  UPDATE romashka.messages AS m SET leased_until = clock_timestamp() + $1::interval, attempts = m.attempts + 1
  FROM first AS f WHERE m.message_id = f.message_id
  RETURNING m.*
)
SELECT t.message_id, t.topic, t.channel, t.recipient, t.subject, t.body, COALESCE(t.html, '') AS html, t.created_at, t.attempts,
       (SELECT s.severity FROM (SELECT severity FROM joined UNION ALL SELECT t.severity) AS s
        ORDER BY romashka.severity_rank(s.severity) DESC LIMIT 1) AS severity,
       ARRAY(SELECT j.body FROM joined AS j ORDER BY j.created_at, j.message_id) AS parts,
       ARRAY(SELECT j.subject FROM joined AS j ORDER BY j.created_at, j.message_id) AS subjects
FROM taken AS t
