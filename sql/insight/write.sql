-- Purpose: a finding as a row of business_intelligence. Of a recommendation that still
--   holds, or whose outcome is not known yet, no second one is written.
-- Parameters: $1 insight or recommendation, $2 name, $3 value, $4 unit, $5 dimensions,
--   $6 the key of what it speaks of, $7 its week, $8 until when it holds.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO public.business_intelligence (id, metric_category, metric_name, metric_value, metric_unit, time_period, dimensions, expires_at)
SELECT md5('romashka ' || $1 || ' ' || $6 || ' ' || $7::date)::uuid, $1, $2, round($3::numeric, 4), $4, 'weekly', $5::jsonb || jsonb_build_object('key', $6::text), $8
WHERE $1 <> 'recommendation' OR NOT EXISTS (
  SELECT FROM public.business_intelligence AS b
  WHERE b.metric_category = 'recommendation' AND b.dimensions ->> 'key' = $6 AND b.dimensions -> 'outcome' = 'null' AND b.calculated_at > now() - interval '1 year')
ON CONFLICT (id) DO NOTHING
