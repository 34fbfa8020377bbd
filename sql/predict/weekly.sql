-- Purpose: ratings and resolutions by week of the tenant's clock. A conversation
--   that is still open is neither resolved nor not.
-- Parameters: $1 time zone, $2 from, $3 until (not included).
-- Columns: week (its Monday); ratings, their sum and sum of squares; ended, how
--   many conversations ended, and by_ai, how many were resolved without an agent.
-- Run by: the role of romashka-db-background-uri.
SELECT date_trunc('week', c.created_at AT TIME ZONE $1)::date::text AS week,
       count(r.rating) AS ratings, COALESCE(sum(r.rating), 0)::float8 AS rating_sum, COALESCE(sum(r.rating * r.rating), 0)::float8 AS rating_squares,
       count(*) FILTER (WHERE c.status IN ('resolved', 'closed', 'abandoned')) AS ended,
       count(*) FILTER (WHERE c.status IN ('resolved', 'closed')
         AND NOT EXISTS (SELECT FROM public.messages AS m WHERE m.conversation_id = c.id AND m.sender_type = 'agent')) AS by_ai
FROM public.conversations AS c
LEFT JOIN public.conversation_analytics AS a ON a.conversation_id = c.id
CROSS JOIN LATERAL (SELECT COALESCE(c.satisfaction_rating, a.customer_satisfaction) AS rating) AS r
WHERE c.created_at >= $2 AND c.created_at < $3
GROUP BY 1
ORDER BY 1
