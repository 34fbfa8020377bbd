-- Written by `make generate` from migrations/20261123001200_analytics_policies.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: the analytics policies say USING (TRUE) without a role, so
-- that anybody with the public key reads the company's forecasts and its
-- customers' journeys and moods.
--
-- Mend: TO authenticated. Writing stays with the server.

DROP POLICY IF EXISTS "Users can view analytics" ON public.predictive_analytics;
DROP POLICY IF EXISTS "Signed-in users see predictions" ON public.predictive_analytics;
CREATE POLICY "Signed-in users see predictions" ON public.predictive_analytics
  FOR SELECT TO authenticated USING (TRUE);

DROP POLICY IF EXISTS "Users can view business intelligence" ON public.business_intelligence;
DROP POLICY IF EXISTS "Signed-in users see business metrics" ON public.business_intelligence;
CREATE POLICY "Signed-in users see business metrics" ON public.business_intelligence
  FOR SELECT TO authenticated USING (TRUE);

DROP POLICY IF EXISTS "Users can view customer journey" ON public.customer_journey;
DROP POLICY IF EXISTS "Signed-in users see customer journeys" ON public.customer_journey;
CREATE POLICY "Signed-in users see customer journeys" ON public.customer_journey
  FOR SELECT TO authenticated USING (TRUE);

DROP POLICY IF EXISTS "Users can view sentiment analysis" ON public.sentiment_analysis;
DROP POLICY IF EXISTS "Signed-in users see sentiment" ON public.sentiment_analysis;
CREATE POLICY "Signed-in users see sentiment" ON public.sentiment_analysis
  FOR SELECT TO authenticated USING (TRUE);

DROP POLICY IF EXISTS "Users can view advanced metrics" ON public.advanced_metrics;
DROP POLICY IF EXISTS "Signed-in users see advanced metrics" ON public.advanced_metrics;
CREATE POLICY "Signed-in users see advanced metrics" ON public.advanced_metrics
  FOR SELECT TO authenticated USING (TRUE);
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
VALUES (20261123001200, 'analytics_policies', '57e63b69701365a5400166538151749f5b06cb68e4fbb2f2a7bd9028a7b63930', now());
END
$romashka$;
