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
