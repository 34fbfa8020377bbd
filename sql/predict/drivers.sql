-- Purpose: rated conversations with the facts that may go together with their rating, the
--   newest first.
-- Parameters: $1 time zone, $2 from, $3 until (not included), $4 how many at most.
-- Columns: rating; first_response in seconds; handed_over, an agent took part;
--   hour of the tenant's clock; channel.
-- Run by: the role of romashka-db-background-uri.
SELECT r.rating::float8 AS rating, EXTRACT(epoch FROM m.answered - c.created_at)::float8 AS first_response, m.by_agent AS handed_over,
       EXTRACT(hour FROM c.created_at AT TIME ZONE $1)::int AS hour, COALESCE(NULLIF(c.channel_type, ''), 'unknown') AS channel
FROM public.conversations AS c
LEFT JOIN public.conversation_analytics AS a ON a.conversation_id = c.id
CROSS JOIN LATERAL (SELECT COALESCE(c.satisfaction_rating, a.customer_satisfaction) AS rating) AS r
CROSS JOIN LATERAL (
  SELECT min(x.created_at) FILTER (WHERE x.sender_type IN ('ai', 'agent', 'bot')) AS answered, COALESCE(bool_or(x.sender_type = 'agent'), false) AS by_agent
  FROM public.messages AS x WHERE x.conversation_id = c.id
) AS m
WHERE c.created_at >= $2 AND c.created_at < $3 AND r.rating IS NOT NULL AND m.answered >= c.created_at
ORDER BY c.created_at DESC, c.id
LIMIT $4
