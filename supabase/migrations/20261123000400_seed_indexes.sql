-- Written by `make generate` from migrations/20261123000400_seed_indexes.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000400) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The seed's indexes, by its names.

-- Security
CREATE INDEX IF NOT EXISTS idx_security_sessions_user_id ON public.security_sessions (user_id);
CREATE INDEX IF NOT EXISTS idx_security_sessions_active ON public.security_sessions (is_active) WHERE is_active = TRUE;
CREATE INDEX IF NOT EXISTS idx_security_sessions_token ON public.security_sessions (session_token);
CREATE INDEX IF NOT EXISTS idx_security_sessions_last_activity ON public.security_sessions (last_activity);

CREATE INDEX IF NOT EXISTS idx_security_incidents_type ON public.security_incidents (incident_type);
CREATE INDEX IF NOT EXISTS idx_security_incidents_severity ON public.security_incidents (severity);
CREATE INDEX IF NOT EXISTS idx_security_incidents_user_id ON public.security_incidents (user_id);
CREATE INDEX IF NOT EXISTS idx_security_incidents_created_at ON public.security_incidents (created_at);
CREATE INDEX IF NOT EXISTS idx_security_incidents_resolved ON public.security_incidents (resolved);

CREATE INDEX IF NOT EXISTS idx_compliance_results_type ON public.compliance_results (compliance_type);
CREATE INDEX IF NOT EXISTS idx_compliance_results_status ON public.compliance_results (status);
CREATE INDEX IF NOT EXISTS idx_compliance_results_checked_at ON public.compliance_results (checked_at);
CREATE INDEX IF NOT EXISTS idx_compliance_results_next_check ON public.compliance_results (next_check_due);

CREATE INDEX IF NOT EXISTS idx_api_security_logs_user_id ON public.api_security_logs (user_id);
CREATE INDEX IF NOT EXISTS idx_api_security_logs_endpoint ON public.api_security_logs (endpoint);
CREATE INDEX IF NOT EXISTS idx_api_security_logs_timestamp ON public.api_security_logs (timestamp);
CREATE INDEX IF NOT EXISTS idx_api_security_logs_suspicious ON public.api_security_logs (suspicious_activity) WHERE suspicious_activity = TRUE;

-- Analytics
CREATE INDEX IF NOT EXISTS idx_predictive_analytics_type ON public.predictive_analytics (prediction_type);
CREATE INDEX IF NOT EXISTS idx_predictive_analytics_date ON public.predictive_analytics (prediction_date);
CREATE INDEX IF NOT EXISTS idx_predictive_analytics_created_at ON public.predictive_analytics (created_at);

CREATE INDEX IF NOT EXISTS idx_business_intelligence_category ON public.business_intelligence (metric_category);
CREATE INDEX IF NOT EXISTS idx_business_intelligence_name ON public.business_intelligence (metric_name);
CREATE INDEX IF NOT EXISTS idx_business_intelligence_calculated_at ON public.business_intelligence (calculated_at);

CREATE INDEX IF NOT EXISTS idx_customer_journey_customer_id ON public.customer_journey (customer_id);
CREATE INDEX IF NOT EXISTS idx_customer_journey_stage ON public.customer_journey (journey_stage);
CREATE INDEX IF NOT EXISTS idx_customer_journey_created_at ON public.customer_journey (created_at);

CREATE INDEX IF NOT EXISTS idx_sentiment_analysis_conversation_id ON public.sentiment_analysis (conversation_id);
CREATE INDEX IF NOT EXISTS idx_sentiment_analysis_message_id ON public.sentiment_analysis (message_id);
CREATE INDEX IF NOT EXISTS idx_sentiment_analysis_sentiment ON public.sentiment_analysis (sentiment_label);
CREATE INDEX IF NOT EXISTS idx_sentiment_analysis_analyzed_at ON public.sentiment_analysis (analyzed_at);

CREATE INDEX IF NOT EXISTS idx_advanced_metrics_type ON public.advanced_metrics (metric_type);
CREATE INDEX IF NOT EXISTS idx_advanced_metrics_subtype ON public.advanced_metrics (metric_subtype);
CREATE INDEX IF NOT EXISTS idx_advanced_metrics_period ON public.advanced_metrics (aggregation_period);
CREATE INDEX IF NOT EXISTS idx_advanced_metrics_start_time ON public.advanced_metrics (start_time);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000400, 'seed_indexes', '778df41e65a6dc1e7956aa4f8184794c0b47e6ed69b75e096f99b3e7ff346284', now());
END
$romashka$;
