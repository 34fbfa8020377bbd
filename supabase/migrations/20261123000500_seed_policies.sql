-- Written by `make generate` from migrations/20261123000500_seed_policies.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000500) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The seed's row level security and policies, word for word, but so that they
-- can be applied again. Their faults are mended in the migrations that follow,
-- each with its reason.

ALTER TABLE public.security_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.security_incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.compliance_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.api_security_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.predictive_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.business_intelligence ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_journey ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sentiment_analysis ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.advanced_metrics ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS "Users can view own security sessions" ON public.security_sessions;
CREATE POLICY "Users can view own security sessions" ON public.security_sessions
    FOR SELECT USING (auth.uid() = user_id);

DROP POLICY IF EXISTS "Users can manage own security sessions" ON public.security_sessions;
CREATE POLICY "Users can manage own security sessions" ON public.security_sessions
    FOR ALL USING (auth.uid() = user_id);

DROP POLICY IF EXISTS "Users can view security incidents" ON public.security_incidents;
CREATE POLICY "Users can view security incidents" ON public.security_incidents
    FOR SELECT USING (auth.uid() = user_id OR auth.uid() IN (
        SELECT id FROM public.profiles WHERE role IN ('admin', 'security_admin')
    ));

DROP POLICY IF EXISTS "Admin can view all compliance results" ON public.compliance_results;
CREATE POLICY "Admin can view all compliance results" ON public.compliance_results
    FOR SELECT USING (auth.uid() IN (
        SELECT id FROM public.profiles WHERE role IN ('admin', 'compliance_admin')
    ));

DROP POLICY IF EXISTS "Users can view own API logs" ON public.api_security_logs;
CREATE POLICY "Users can view own API logs" ON public.api_security_logs
    FOR SELECT USING (auth.uid() = user_id);

DROP POLICY IF EXISTS "Users can view analytics" ON public.predictive_analytics;
CREATE POLICY "Users can view analytics" ON public.predictive_analytics
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Users can view business intelligence" ON public.business_intelligence;
CREATE POLICY "Users can view business intelligence" ON public.business_intelligence
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Users can view customer journey" ON public.customer_journey;
CREATE POLICY "Users can view customer journey" ON public.customer_journey
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Users can view sentiment analysis" ON public.sentiment_analysis;
CREATE POLICY "Users can view sentiment analysis" ON public.sentiment_analysis
    FOR SELECT USING (TRUE);

DROP POLICY IF EXISTS "Users can view advanced metrics" ON public.advanced_metrics;
CREATE POLICY "Users can view advanced metrics" ON public.advanced_metrics
    FOR SELECT USING (TRUE);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000500, 'seed_policies', '5c6f5bebb144bb1dca3e8cd184a0344832af83f64ca10c9ccc2c669695b1901d', now());
END
$romashka$;
