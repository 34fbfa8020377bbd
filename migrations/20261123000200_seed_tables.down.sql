-- Drops the ten tables, but not with rows in them (see romashka.refuse_rows).
SELECT romashka.refuse_rows('public.advanced_metrics');
SELECT romashka.refuse_rows('public.sentiment_analysis');
SELECT romashka.refuse_rows('public.customer_journey');
SELECT romashka.refuse_rows('public.business_intelligence');
SELECT romashka.refuse_rows('public.predictive_analytics');
SELECT romashka.refuse_rows('public.two_factor_auth');
SELECT romashka.refuse_rows('public.api_security_logs');
SELECT romashka.refuse_rows('public.compliance_results');
SELECT romashka.refuse_rows('public.security_incidents');
SELECT romashka.refuse_rows('public.security_sessions');

DROP TABLE IF EXISTS public.advanced_metrics;
DROP TABLE IF EXISTS public.sentiment_analysis;
DROP TABLE IF EXISTS public.customer_journey;
DROP TABLE IF EXISTS public.business_intelligence;
DROP TABLE IF EXISTS public.predictive_analytics;
DROP TABLE IF EXISTS public.two_factor_auth;
DROP TABLE IF EXISTS public.api_security_logs;
DROP TABLE IF EXISTS public.compliance_results;
DROP TABLE IF EXISTS public.security_incidents;
DROP TABLE IF EXISTS public.security_sessions;
