-- Purpose: the seed's health query: is each system alive.
-- Columns: system text, active_records bigint, last_activity timestamptz.
SELECT 'security_sessions' AS system, count(*) AS active_records, max(created_at) AS last_activity
FROM public.security_sessions WHERE is_active
UNION ALL
SELECT 'security_incidents', count(*), max(created_at)
FROM public.security_incidents WHERE NOT resolved
UNION ALL
SELECT 'compliance_results', count(*), max(checked_at)
FROM public.compliance_results WHERE checked_at > now() - interval '24 hours'
