-- Purpose: an insight of business_intelligence, unless the same one was raised in
--   the last seven days.
-- Parameters: $1 name, $2 value, $3 unit, $4 period, $5 dimensions.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO public.business_intelligence (metric_category, metric_name, metric_value, metric_unit, time_period, dimensions, expires_at)
SELECT 'insight', $1, round($2::numeric, 4), $3, $4, $5, now() + interval '7 days'
WHERE NOT EXISTS (
  SELECT FROM public.business_intelligence AS b
  WHERE b.metric_category = 'insight' AND b.metric_name = $1 AND b.calculated_at > now() - interval '7 days')
