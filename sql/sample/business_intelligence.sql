-- Purpose: the seed's seven business metrics.
INSERT INTO public.business_intelligence
  (id, metric_category, metric_name, metric_value, metric_unit, time_period, dimensions)
VALUES
  ('5eed0004-0000-4000-8000-000000000001', 'kpi', 'Customer Satisfaction Score', 4.2, 'score', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000002', 'kpi', 'Average Response Time', 120.5, 'seconds', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000003', 'kpi', 'Resolution Rate', 0.85, 'percentage', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000004', 'kpi', 'AI Accuracy Score', 0.88, 'percentage', 'daily', '{"model": "v1.0", "department": "ai"}'),
  ('5eed0004-0000-4000-8000-000000000005', 'trend', 'Volume Growth', 0.15, 'percentage', 'weekly', '{"comparison": "week_over_week"}'),
  ('5eed0004-0000-4000-8000-000000000006', 'insight', 'Peak Hours Identified', 2.0, 'hours', 'daily', '{"peak_start": "09:00", "peak_end": "11:00"}'),
  ('5eed0004-0000-4000-8000-000000000007', 'recommendation', 'Staffing Optimization', 3.0, 'agents', 'daily', '{"action": "increase_peak_hours"}')
ON CONFLICT DO NOTHING
