-- Purpose: the seed's verification query: which of its tables exist.
-- Columns: table_name text; ten rows when all is well.
SELECT t.table_name::text
FROM information_schema.tables AS t
WHERE t.table_schema = 'public'
  AND t.table_name IN (
    'security_sessions', 'security_incidents', 'compliance_results', 'api_security_logs', 'two_factor_auth',
    'predictive_analytics', 'business_intelligence', 'customer_journey', 'sentiment_analysis', 'advanced_metrics')
ORDER BY t.table_name
