-- Purpose: the seed's seven predictions, for the days after the first loading.
INSERT INTO public.predictive_analytics
  (id, prediction_type, prediction_date, predicted_value, confidence_level, model_version)
VALUES
  ('5eed0005-0000-4000-8000-000000000001', 'volume_forecast', current_date + 1, 120.5, 0.85, '1.0'),
  ('5eed0005-0000-4000-8000-000000000002', 'volume_forecast', current_date + 2, 135.2, 0.82, '1.0'),
  ('5eed0005-0000-4000-8000-000000000003', 'volume_forecast', current_date + 3, 98.7, 0.88, '1.0'),
  ('5eed0005-0000-4000-8000-000000000004', 'satisfaction_trend', current_date + 1, 4.2, 0.78, '1.0'),
  ('5eed0005-0000-4000-8000-000000000005', 'satisfaction_trend', current_date + 2, 4.3, 0.75, '1.0'),
  ('5eed0005-0000-4000-8000-000000000006', 'staffing_needs', current_date + 1, 8.0, 0.90, '1.0'),
  ('5eed0005-0000-4000-8000-000000000007', 'performance_prediction', current_date + 1, 0.92, 0.85, '1.0')
ON CONFLICT DO NOTHING
