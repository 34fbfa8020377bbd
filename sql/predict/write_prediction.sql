-- Purpose: the prediction of one type for one day, which may stand there already.
-- Parameters: $1 type, $2 day, $3 value, $4 confidence or NULL, $5 version, $6 features.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO public.predictive_analytics (prediction_type, prediction_date, predicted_value, confidence_level, model_version, input_features, created_at)
VALUES ($1, $2::text::date, round($3::numeric, 4), round($4::numeric, 4), $5, $6, now())
ON CONFLICT (prediction_type, prediction_date) DO UPDATE SET
  predicted_value = EXCLUDED.predicted_value, confidence_level = EXCLUDED.confidence_level,
  model_version = EXCLUDED.model_version, input_features = EXCLUDED.input_features, created_at = EXCLUDED.created_at
