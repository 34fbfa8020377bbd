-- Purpose: the key figures that the app's dashboards ask for, by its names, one
-- row for each day that has them.
-- Parameters: $1, $2 timestamptz, first and last moment.
-- Run by: internal/database/migrator/demo, after the daily figures; again it adds nothing.
INSERT INTO public.business_intelligence (id, metric_category, metric_name, metric_value, metric_unit, time_period, dimensions, calculated_at)
SELECT ('de300000-0000-4000-8000-' || left(md5(k.name || d.date), 12))::uuid, 'kpi', k.name, k.value, k.unit, 'daily', '{"demo": true}',
       (d.date + 1)::timestamp AT TIME ZONE 'UTC'
FROM public.daily_analytics AS d
CROSS JOIN LATERAL (VALUES
  ('customer_satisfaction', d.avg_customer_satisfaction, 'score'),
  ('response_time', d.avg_response_time_seconds, 'seconds'),
  ('resolution_rate', d.resolution_rate, 'percentage'),
  ('ai_efficiency', d.ai_accuracy_score, 'percentage')
) AS k (name, value, unit)
WHERE d.date BETWEEN ($1::timestamptz AT TIME ZONE 'UTC')::date AND ($2::timestamptz AT TIME ZONE 'UTC')::date AND k.value IS NOT NULL
ON CONFLICT (id) DO UPDATE SET metric_value = EXCLUDED.metric_value
