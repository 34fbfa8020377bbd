-- A run is computed again from the conversations.
DROP FUNCTION IF EXISTS public.get_forecast_runs(text);
DROP FUNCTION IF EXISTS romashka.newest_forecasts(text);
DROP TABLE IF EXISTS romashka.forecast_runs;
