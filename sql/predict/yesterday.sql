-- Purpose: the forecasts of days that have passed since, made one day ahead: by
--   the last run that had not seen the day.
-- Parameters: $1 metric, $2 first day, $3 last day.
-- Columns: day, mean, lo80, hi80.
-- Run by: the role of romashka-db-background-uri.
SELECT DISTINCT ON (p.ds) p.ds, p.mean, p.lo80, p.hi80
FROM romashka.forecast_runs AS r
CROSS JOIN LATERAL jsonb_to_recordset(r.points) AS p (ds text, mean float8, lo80 float8, hi80 float8)
WHERE r.metric = $1 AND r.channel = 'all' AND r.grain = 'day' AND r.origin IS NOT NULL
  AND p.ds BETWEEN $2 AND $3 AND r.origin::date < p.ds::date
ORDER BY p.ds, r.origin DESC, r.id DESC
