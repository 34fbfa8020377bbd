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

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001200, 'analytics_policies', '57e63b69701365a5400166538151749f5b06cb68e4fbb2f2a7bd9028a7b63930', now());
END
$romashka$;
