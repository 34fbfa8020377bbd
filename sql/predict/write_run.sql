-- Purpose: keeps a run of a forecast, in place of an earlier one that had seen as
--   much.
-- Parameters: see internal/analytics/predict, Run. Columns: id.
-- Run by: the role of romashka-db-background-uri.
WITH again AS (
  DELETE FROM romashka.forecast_runs AS r
  WHERE r.metric = $1 AND r.channel = $2 AND r.grain = $3 AND r.origin IS NOT DISTINCT FROM NULLIF($6, '')::timestamp
)
INSERT INTO romashka.forecast_runs (metric, channel, grain, ran_at, zone, origin, status, reason, method, model_version, horizon,
  accuracy, wape, mase, coverage80, coverage95, origins, mean_volume, ceiling, target_reachable, totals, points, details)
VALUES ($1, $2, $3, $4, $5, NULLIF($6, '')::timestamp, $7, $8, $9, $10, $11,
  $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
RETURNING id
