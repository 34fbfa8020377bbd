DROP POLICY IF EXISTS "Signed-in users see predictions" ON public.predictive_analytics;
DROP POLICY IF EXISTS "Users can view analytics" ON public.predictive_analytics;
CREATE POLICY "Users can view analytics" ON public.predictive_analytics
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Signed-in users see business metrics" ON public.business_intelligence;
DROP POLICY IF EXISTS "Users can view business intelligence" ON public.business_intelligence;
CREATE POLICY "Users can view business intelligence" ON public.business_intelligence
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Signed-in users see customer journeys" ON public.customer_journey;
DROP POLICY IF EXISTS "Users can view customer journey" ON public.customer_journey;
CREATE POLICY "Users can view customer journey" ON public.customer_journey
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Signed-in users see sentiment" ON public.sentiment_analysis;
DROP POLICY IF EXISTS "Users can view sentiment analysis" ON public.sentiment_analysis;
CREATE POLICY "Users can view sentiment analysis" ON public.sentiment_analysis
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Signed-in users see advanced metrics" ON public.advanced_metrics;
DROP POLICY IF EXISTS "Users can view advanced metrics" ON public.advanced_metrics;
CREATE POLICY "Users can view advanced metrics" ON public.advanced_metrics
    FOR SELECT USING (TRUE);
