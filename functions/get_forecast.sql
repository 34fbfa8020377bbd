-- function: public.get_forecast(text, integer)
-- Purpose: the newest forecast of a metric, with the grounds it rests on.
-- Parameters: metric volume (conversations a day), satisfaction (mean rating of a
--   week), performance (share of a week that the AI resolved) or staffing (largest
--   roster of a day); days, so many of them, from today on.
-- Rows: one for each day (of satisfaction and performance: each week, by its
--   Monday), with 80 and 95 % intervals. Where there is no forecast, one row
--   without date and value: status and reason say why. accuracy is that of the
--   back-test, NULL where it could not be measured; ceiling is the best that
--   anybody could reach. details: period, counts, outliers, the actual counts since.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_forecast(metric text DEFAULT 'volume', days integer DEFAULT 30)
RETURNS TABLE (
  date date, value numeric, lo80 numeric, hi80 numeric, lo95 numeric, hi95 numeric,
  status text, reason text, method text, accuracy numeric, coverage80 numeric, coverage95 numeric, origins integer,
  mean_volume numeric, ceiling numeric, target_reachable boolean, totals jsonb,
  zone text, origin date, computed_at timestamptz, details jsonb
)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT p.ds::date, p.mean, p.lo80, p.hi80, p.lo95, p.hi95,
    COALESCE(r.status, 'not_run'),
    CASE WHEN r.status IS NULL THEN 'no forecast of ' || get_forecast.metric || ' has been made yet; `romashka jobs run forecast` makes it' ELSE r.reason END,
    r.method, r.accuracy, r.coverage80, r.coverage95, r.origins, r.mean_volume, r.ceiling, r.target_reachable, r.totals,
    r.zone, r.origin::date, r.ran_at, r.details
  FROM (VALUES (1)) AS always
  LEFT JOIN (SELECT * FROM public.get_forecast_runs(get_forecast.metric) AS n
             WHERE n.channel = 'all' AND (n.grain IN ('day', 'week') OR get_forecast.metric = 'staffing')) AS r ON true
  LEFT JOIN LATERAL (
    SELECT x.ds, x.mean, x.lo80, x.hi80, x.lo95, x.hi95
    FROM pg_catalog.jsonb_to_recordset(CASE WHEN get_forecast.metric = 'staffing' THEN r.details -> 'days' ELSE r.points END)
      AS x (ds text, mean numeric, lo80 numeric, hi80 numeric, lo95 numeric, hi95 numeric)
    ORDER BY x.ds
    LIMIT GREATEST(LEAST(get_forecast.days, 400), 0)
  ) AS p ON true
  ORDER BY 1
$$;

REVOKE ALL ON FUNCTION public.get_forecast(text, integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_forecast(text, integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_forecast(text, integer) IS 'The newest forecast of a metric, with its back-test, or why there is none';
