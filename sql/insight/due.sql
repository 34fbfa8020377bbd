-- Purpose: recommendations that have ended, and the weeks after which are over.
-- Parameters: $1 the beginning of the present week, $2 how long the weeks after are.
-- Columns: id; name, dimension, value; the weeks that it rests on; when it was made.
-- Run by: the role of romashka-db-background-uri.
SELECT b.id::text, b.metric_name, b.dimensions ->> 'dimension', b.dimensions ->> 'value', (b.dimensions ->> 'period_start')::timestamptz,
       (b.dimensions ->> 'period_end')::timestamptz, b.calculated_at
FROM public.business_intelligence AS b
WHERE b.metric_category = 'recommendation' AND b.dimensions -> 'outcome' = 'null' AND b.dimensions ? 'key' AND b.expires_at < now()
  AND b.calculated_at + $2::interval < $1
ORDER BY b.calculated_at, b.id LIMIT 100
