-- predictive_analytics has one row for each type and day, which is the contract
-- with the front end, and no place for the basis of a forecast: how good the same
-- method was on the history, the forecast of a channel or of an hour, and why
-- there is none. A forecast that cannot say so is a constant with decimals.
--
-- forecast_runs has one row for each run, metric, channel and grain, with its
-- back-test, its points and its reason. public.get_forecast_runs gives the newest
-- of each to everybody who is signed in, as predictive_analytics does.
CREATE TABLE IF NOT EXISTS romashka.forecast_runs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
ALTER TABLE romashka.forecast_runs
  ADD COLUMN IF NOT EXISTS metric text NOT NULL,
  ADD COLUMN IF NOT EXISTS channel text NOT NULL DEFAULT 'all',
  ADD COLUMN IF NOT EXISTS grain text NOT NULL DEFAULT 'day',
  ADD COLUMN IF NOT EXISTS ran_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS zone text NOT NULL,
  ADD COLUMN IF NOT EXISTS origin timestamp,
  ADD COLUMN IF NOT EXISTS status text NOT NULL,
  ADD COLUMN IF NOT EXISTS reason text,
  ADD COLUMN IF NOT EXISTS method text,
  ADD COLUMN IF NOT EXISTS model_version text NOT NULL,
  ADD COLUMN IF NOT EXISTS horizon integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS accuracy numeric,
  ADD COLUMN IF NOT EXISTS wape numeric,
  ADD COLUMN IF NOT EXISTS mase numeric,
  ADD COLUMN IF NOT EXISTS coverage80 numeric,
  ADD COLUMN IF NOT EXISTS coverage95 numeric,
  ADD COLUMN IF NOT EXISTS origins integer,
  ADD COLUMN IF NOT EXISTS mean_volume numeric,
  ADD COLUMN IF NOT EXISTS ceiling numeric,
  ADD COLUMN IF NOT EXISTS target_reachable boolean,
  ADD COLUMN IF NOT EXISTS totals jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN IF NOT EXISTS points jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN IF NOT EXISTS details jsonb NOT NULL DEFAULT '{}';
SELECT romashka.ensure_constraint('romashka.forecast_runs', 'forecast_runs_metric_check',
  'CHECK (metric IN (''volume'', ''satisfaction'', ''performance'', ''staffing''))');
SELECT romashka.ensure_constraint('romashka.forecast_runs', 'forecast_runs_grain_check',
  'CHECK (grain IN (''hour'', ''day'', ''week''))');
CREATE INDEX IF NOT EXISTS idx_forecast_runs_newest ON romashka.forecast_runs (metric, channel, grain, id DESC);
CREATE INDEX IF NOT EXISTS idx_forecast_runs_ran_at ON romashka.forecast_runs (ran_at);
COMMENT ON TABLE romashka.forecast_runs IS 'Each run of a forecast with its back-test; points have the steps ahead';
COMMENT ON COLUMN romashka.forecast_runs.origin IS 'Last day or hour that was looked at, in zone';
COMMENT ON COLUMN romashka.forecast_runs.reason IS 'Why there is no forecast, or no accuracy; NULL when there is nothing to say';
COMMENT ON COLUMN romashka.forecast_runs.accuracy IS '1 - WAPE of the back-test over all its origins; NULL when it was not measured';
COMMENT ON COLUMN romashka.forecast_runs.details IS 'What it rests on: period, counts, outliers, weights, and what came since the last run';

ALTER TABLE romashka.forecast_runs ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.forecast_runs;
CREATE POLICY "Only the owner" ON romashka.forecast_runs FOR ALL TO authenticated USING (false);
REVOKE ALL ON romashka.forecast_runs FROM PUBLIC, anon, authenticated, service_role;

-- newest_forecasts: the newest run of each channel and grain of a metric.
CREATE OR REPLACE FUNCTION romashka.newest_forecasts(of_metric text)
RETURNS SETOF romashka.forecast_runs LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT DISTINCT ON (r.channel, r.grain) r.*
  FROM romashka.forecast_runs AS r
  WHERE r.metric = of_metric
  ORDER BY r.channel, r.grain, r.id DESC
$$;
REVOKE ALL ON FUNCTION romashka.newest_forecasts(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.newest_forecasts(text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.newest_forecasts(text) IS 'The newest run of each channel and grain of a metric';

-- get_forecast_runs is bound when it is made, as get_setting is.
CREATE OR REPLACE FUNCTION public.get_forecast_runs(metric text DEFAULT 'volume')
RETURNS TABLE (channel text, grain text, ran_at timestamptz, zone text, origin timestamp, status text, reason text, method text,
  model_version text, horizon integer, accuracy numeric, wape numeric, mase numeric, coverage80 numeric, coverage95 numeric,
  origins integer, mean_volume numeric, ceiling numeric, target_reachable boolean, totals jsonb, points jsonb, details jsonb)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT r.channel, r.grain, r.ran_at, r.zone, r.origin, r.status, r.reason, r.method,
    r.model_version, r.horizon, r.accuracy, r.wape, r.mase, r.coverage80, r.coverage95,
    r.origins, r.mean_volume, r.ceiling, r.target_reachable, r.totals, r.points, r.details
  FROM romashka.newest_forecasts(get_forecast_runs.metric) AS r;
END;
REVOKE ALL ON FUNCTION public.get_forecast_runs(text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_forecast_runs(text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_forecast_runs(text) IS 'The newest forecast of each channel and grain of a metric, with its back-test and its reason';
