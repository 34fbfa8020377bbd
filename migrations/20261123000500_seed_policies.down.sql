-- Row level security stays on: taking it off would open the tables to whoever
-- has a grant, and that is everybody at Supabase.
DROP POLICY IF EXISTS "Users can view own security sessions" ON public.security_sessions;
DROP POLICY IF EXISTS "Users can manage own security sessions" ON public.security_sessions;
DROP POLICY IF EXISTS "Users can view security incidents" ON public.security_incidents;
DROP POLICY IF EXISTS "Admin can view all compliance results" ON public.compliance_results;
DROP POLICY IF EXISTS "Users can view own API logs" ON public.api_security_logs;
DROP POLICY IF EXISTS "Users can view analytics" ON public.predictive_analytics;
DROP POLICY IF EXISTS "Users can view business intelligence" ON public.business_intelligence;
DROP POLICY IF EXISTS "Users can view customer journey" ON public.customer_journey;
DROP POLICY IF EXISTS "Users can view sentiment analysis" ON public.sentiment_analysis;
DROP POLICY IF EXISTS "Users can view advanced metrics" ON public.advanced_metrics;
