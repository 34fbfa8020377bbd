-- Purpose: how many conversations agents have under way at a time: the time that
--   conversations take an agent, beside the time in which that agent has one or more.
-- Parameters: $1 from, $2 until (not included), $3 longest pause in seconds that is
--   still work, $4 channels to leave out: those that can be put off.
-- Columns: conversations; talk_seconds, the sum of all of them; busy_seconds, the
--   same where those at a time count once.
-- Run by: the role of romashka-db-background-uri.
WITH talk AS (
  SELECT c.id, min(m.created_at) AS first_agent, (array_agg(m.sender_id ORDER BY m.created_at))[1] AS agent
  FROM public.conversations AS c
  JOIN public.messages AS m ON m.conversation_id = c.id AND m.sender_type = 'agent' AND m.sender_id IS NOT NULL
  WHERE c.created_at >= $1 AND c.created_at < $2 AND COALESCE(NULLIF(c.channel_type, ''), 'unknown') <> ALL ($4::text[])
  GROUP BY c.id
), step AS (
  SELECT t.agent, t.id, lag(m.created_at) OVER (PARTITION BY t.id ORDER BY m.created_at) AS began, m.created_at AS ended
  FROM talk AS t
  JOIN public.messages AS m ON m.conversation_id = t.id AND m.created_at >= t.first_agent
), work AS (
  SELECT s.agent, s.id, s.began, s.ended FROM step AS s WHERE s.ended > s.began AND s.ended - s.began <= make_interval(secs => $3)
), busy AS (
  SELECT unnest(range_agg(tstzrange(w.began, w.ended))) AS during FROM work AS w GROUP BY w.agent
)
SELECT (SELECT count(DISTINCT w.id) FROM work AS w) AS conversations,
       COALESCE((SELECT sum(EXTRACT(epoch FROM w.ended - w.began)) FROM work AS w), 0)::float8 AS talk_seconds,
       COALESCE((SELECT sum(EXTRACT(epoch FROM upper(b.during) - lower(b.during))) FROM busy AS b), 0)::float8 AS busy_seconds
