-- Purpose: conversations by channel and hour of the tenant's clock. An hour that
--   comes twice, when clocks go back, is one hour.
-- Parameters: $1 time zone, $2 from, $3 until (not included).
-- Columns: channel, hour (by that clock), n.
-- Run by: the role of romashka-db-background-uri.
SELECT COALESCE(NULLIF(c.channel_type, ''), 'unknown') AS channel, date_trunc('hour', c.created_at AT TIME ZONE $1) AS hour, count(*) AS n
FROM public.conversations AS c
WHERE c.created_at >= $2 AND c.created_at < $3
GROUP BY 1, 2
ORDER BY 2, 1
