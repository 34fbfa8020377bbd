-- Purpose: takes back the predictions of an earlier run of ours for days to come, and
--   runs that nobody looks at any more.
-- Parameters: $1 type, $2 first day, $3 version pattern, $4 metric, $5 days that runs are kept.
-- Run by: the role of romashka-db-background-uri.
WITH old AS (
  DELETE FROM romashka.forecast_runs AS r WHERE r.metric = $4 AND r.ran_at < now() - make_interval(days => $5)
)
DELETE FROM public.predictive_analytics AS p
WHERE p.prediction_type = $1 AND p.prediction_date >= $2::text::date AND p.model_version LIKE $3
