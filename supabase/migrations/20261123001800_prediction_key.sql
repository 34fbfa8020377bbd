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

EXECUTE $text$
-- Purpose: the migrator's books. Several statements, run as one batch.
-- Run by: internal/migrator, before the first migration; harmless again.
-- Schema romashka is not exposed, and nobody but its owner may look into it.
CREATE SCHEMA IF NOT EXISTS romashka;
REVOKE ALL ON SCHEMA romashka FROM PUBLIC;

CREATE TABLE IF NOT EXISTS romashka.schema_migrations (
  version    bigint PRIMARY KEY,
  title      text NOT NULL,
  checksum   text NOT NULL, -- SHA-256 of the up file
  applied_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS romashka.functions (
  name       text PRIMARY KEY, -- of the file
  signature  text NOT NULL,    -- public.f(integer)
  checksum   text NOT NULL,    -- of the file and of the columns it depends on
  applied_at timestamptz NOT NULL
);
ALTER TABLE romashka.functions
  ADD COLUMN IF NOT EXISTS definition text; -- what stood afterwards, as functions.sql sums it up; NULL: not known

CREATE TABLE IF NOT EXISTS romashka.later_indexes (
  name      text PRIMARY KEY,
  version   bigint NOT NULL, -- of the migration that wants it
  statement text NOT NULL    -- CREATE INDEX CONCURRENTLY ...
);
$text$;
INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001800, 'prediction_key', 'fcf9be7ce150bac594ace27cfe112cf4399e4c1ed85bdf0af53540898b1b2ba0', now());
END
$romashka$;
