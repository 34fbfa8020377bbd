-- Purpose: how agents handled the conversations of a period, by channel: how many
--   needed one, how long an agent was at one, how long customers waited for one and
--   how many left while they waited.
-- Parameters: $1 from, $2 until (not included), $3 longest pause in seconds that
--   is still work: a longer one is a conversation put aside.
-- Columns: channel; conversations that show who was at them: somebody answered, or an
--   agent was asked for; needed_agent; measured, how many have a handling time, and its
--   sum handling_seconds; the sum waited_seconds of all who waited for an agent, and
--   left_waiting, how many of them gave up.
-- Run by: the role of romashka-db-background-uri.
--
-- A handling time is from the agent's first message to the last of the
-- conversation without pauses; reading before the first message cannot be seen.
-- A wait begins with the customer's last message before the agent's first, and
-- ends with that, or with the last sign of a customer who left.
WITH talk AS (
  SELECT c.id, COALESCE(NULLIF(c.channel_type, ''), 'unknown') AS channel, c.status = 'abandoned' AS abandoned, c.requires_human,
         min(m.created_at) FILTER (WHERE m.sender_type = 'agent') AS first_agent,
         bool_or(m.sender_type IN ('ai', 'bot', 'agent')) AS answered,
         min(m.created_at) FILTER (WHERE m.sender_type = 'user') AS first_user,
         max(m.created_at) FILTER (WHERE m.sender_type = 'user') AS last_user
  FROM public.conversations AS c
  LEFT JOIN public.messages AS m ON m.conversation_id = c.id
  WHERE c.created_at >= $1 AND c.created_at < $2
  GROUP BY c.id
), step AS (
  SELECT t.id, EXTRACT(epoch FROM m.created_at - lag(m.created_at) OVER (PARTITION BY t.id ORDER BY m.created_at)) AS pause
  FROM talk AS t
  JOIN public.messages AS m ON m.conversation_id = t.id AND m.created_at >= t.first_agent
), handled AS (
  SELECT id, sum(pause) FILTER (WHERE pause <= $3) AS seconds FROM step GROUP BY id
), asked AS (
  SELECT t.id, EXTRACT(epoch FROM t.first_agent - max(m.created_at)) AS waited
  FROM talk AS t
  JOIN public.messages AS m ON m.conversation_id = t.id AND m.sender_type = 'user' AND m.created_at <= t.first_agent
  GROUP BY t.id, t.first_agent
)
SELECT t.channel, count(*) FILTER (WHERE t.answered OR t.requires_human) AS conversations,
       count(*) FILTER (WHERE t.first_agent IS NOT NULL OR t.requires_human) AS needed_agent,
       count(h.seconds) AS measured, COALESCE(sum(h.seconds), 0)::float8 AS handling_seconds,
       (COALESCE(sum(a.waited), 0) + COALESCE(sum(EXTRACT(epoch FROM t.last_user - t.first_user))
         FILTER (WHERE t.abandoned AND t.requires_human AND t.first_agent IS NULL), 0))::float8 AS waited_seconds,
       count(*) FILTER (WHERE t.abandoned AND t.requires_human AND t.first_agent IS NULL) AS left_waiting
FROM talk AS t
LEFT JOIN handled AS h ON h.id = t.id
LEFT JOIN asked AS a ON a.id = t.id
GROUP BY t.channel
ORDER BY t.channel
