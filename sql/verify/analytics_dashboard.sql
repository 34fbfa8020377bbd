-- Purpose: the seed's test of its second function.
-- Columns: active_conversations integer, avg_response_time, resolution_rate,
--   satisfaction_score, ai_accuracy numeric.
SELECT * FROM public.get_analytics_dashboard_data()
