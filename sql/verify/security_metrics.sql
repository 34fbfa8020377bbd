-- Purpose: the seed's test of its first function.
-- Columns: active_sessions, recent_incidents integer, compliance_score, api_security_score numeric.
SELECT * FROM public.get_security_metrics()
