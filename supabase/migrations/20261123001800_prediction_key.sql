-- Written by `make generate` from migrations/20261123001800_prediction_key.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001800) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The front end upserts forecasts on (prediction_type, prediction_date), which
-- has no key to merge on (42P10); without one, each run of a forecaster adds a
-- second truth for the same day. And numeric(10,4) overflows at a million. Only
-- the precision grows, so PostgreSQL rewrites nothing.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.predictive_analytics GROUP BY prediction_type, prediction_date HAVING count(*) > 1) THEN
    RAISE EXCEPTION 'table public.predictive_analytics, column prediction_date: must be one row per type and date'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Delete all but the newest prediction of each type and date.';
  END IF;
END
$check$;

CREATE UNIQUE INDEX IF NOT EXISTS predictive_analytics_prediction_type_prediction_date_key
  ON public.predictive_analytics (prediction_type, prediction_date);
ALTER TABLE public.predictive_analytics ALTER COLUMN predicted_value TYPE numeric(20,4);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001800, 'prediction_key', 'fcf9be7ce150bac594ace27cfe112cf4399e4c1ed85bdf0af53540898b1b2ba0', now());
END
$romashka$;
