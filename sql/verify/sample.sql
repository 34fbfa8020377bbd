-- Purpose: the seed's verification query: how many sample rows are there.
-- Columns: table_name text, row_count bigint.
SELECT 'security_sessions' AS table_name, count(*) AS row_count FROM public.security_sessions
UNION ALL
SELECT 'security_incidents', count(*) FROM public.security_incidents
UNION ALL
SELECT 'compliance_results', count(*) FROM public.compliance_results
UNION ALL
SELECT 'business_intelligence', count(*) FROM public.business_intelligence
UNION ALL
SELECT 'predictive_analytics', count(*) FROM public.predictive_analytics
