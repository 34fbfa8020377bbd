-- Written by `make generate` from migrations/20261123000300_older_tables.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000300) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Tables that were there before the seed keep their rows and their own columns
-- and get the seed's columns, defaults, keys and checks that they lack: CREATE
-- TABLE IF NOT EXISTS would silently keep the older shape. A column that exists
-- keeps its type; the migrator refuses beforehand where a type cannot serve.
-- Over tables that the migration before has just made, this does nothing.

ALTER TABLE public.security_sessions
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS user_id UUID,
  ADD COLUMN IF NOT EXISTS session_token TEXT,
  ADD COLUMN IF NOT EXISTS ip_address INET,
  ADD COLUMN IF NOT EXISTS user_agent TEXT,
  ADD COLUMN IF NOT EXISTS login_method TEXT DEFAULT 'password',
  ADD COLUMN IF NOT EXISTS session_duration INTERVAL,
  ADD COLUMN IF NOT EXISTS logout_reason TEXT,
  ADD COLUMN IF NOT EXISTS is_active BOOLEAN DEFAULT TRUE,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  ADD COLUMN IF NOT EXISTS ended_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS last_activity TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.security_incidents
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS incident_type TEXT,
  ADD COLUMN IF NOT EXISTS severity TEXT DEFAULT 'medium',
  ADD COLUMN IF NOT EXISTS user_id UUID,
  ADD COLUMN IF NOT EXISTS ip_address INET,
  ADD COLUMN IF NOT EXISTS description TEXT,
  ADD COLUMN IF NOT EXISTS detection_method TEXT,
  ADD COLUMN IF NOT EXISTS resolved BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS resolved_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS resolved_by UUID,
  ADD COLUMN IF NOT EXISTS metadata JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.compliance_results
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS compliance_type TEXT,
  ADD COLUMN IF NOT EXISTS check_name TEXT,
  ADD COLUMN IF NOT EXISTS status TEXT,
  ADD COLUMN IF NOT EXISTS details JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS remediation_steps TEXT[] DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS severity TEXT DEFAULT 'medium',
  ADD COLUMN IF NOT EXISTS auto_remediated BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS checked_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  ADD COLUMN IF NOT EXISTS next_check_due TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.api_security_logs
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS endpoint TEXT,
  ADD COLUMN IF NOT EXISTS method TEXT,
  ADD COLUMN IF NOT EXISTS user_id UUID,
  ADD COLUMN IF NOT EXISTS ip_address INET,
  ADD COLUMN IF NOT EXISTS request_size INTEGER,
  ADD COLUMN IF NOT EXISTS response_code INTEGER,
  ADD COLUMN IF NOT EXISTS response_time_ms INTEGER,
  ADD COLUMN IF NOT EXISTS rate_limit_hit BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS suspicious_activity BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS request_headers JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS response_headers JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.two_factor_auth
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS user_id UUID,
  ADD COLUMN IF NOT EXISTS enabled BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS secret TEXT,
  ADD COLUMN IF NOT EXISTS backup_codes TEXT[],
  ADD COLUMN IF NOT EXISTS method TEXT DEFAULT 'totp',
  ADD COLUMN IF NOT EXISTS phone_number TEXT,
  ADD COLUMN IF NOT EXISTS email TEXT,
  ADD COLUMN IF NOT EXISTS last_used TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  ADD COLUMN IF NOT EXISTS updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.predictive_analytics
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS prediction_type TEXT,
  ADD COLUMN IF NOT EXISTS prediction_date DATE,
  ADD COLUMN IF NOT EXISTS predicted_value DECIMAL(10,4),
  ADD COLUMN IF NOT EXISTS confidence_level DECIMAL(5,4),
  ADD COLUMN IF NOT EXISTS model_version TEXT DEFAULT '1.0',
  ADD COLUMN IF NOT EXISTS input_features JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.business_intelligence
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS metric_category TEXT,
  ADD COLUMN IF NOT EXISTS metric_name TEXT,
  ADD COLUMN IF NOT EXISTS metric_value DECIMAL(15,4),
  ADD COLUMN IF NOT EXISTS metric_unit TEXT,
  ADD COLUMN IF NOT EXISTS time_period TEXT,
  ADD COLUMN IF NOT EXISTS dimensions JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS calculated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  ADD COLUMN IF NOT EXISTS expires_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE public.customer_journey
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS customer_id UUID,
  ADD COLUMN IF NOT EXISTS journey_stage TEXT,
  ADD COLUMN IF NOT EXISTS touchpoint TEXT,
  ADD COLUMN IF NOT EXISTS channel_type TEXT,
  ADD COLUMN IF NOT EXISTS interaction_type TEXT,
  ADD COLUMN IF NOT EXISTS session_duration INTEGER,
  ADD COLUMN IF NOT EXISTS conversion_achieved BOOLEAN DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS satisfaction_score INTEGER,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.sentiment_analysis
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS conversation_id UUID,
  ADD COLUMN IF NOT EXISTS message_id UUID,
  ADD COLUMN IF NOT EXISTS sentiment_score DECIMAL(3,2),
  ADD COLUMN IF NOT EXISTS sentiment_label TEXT,
  ADD COLUMN IF NOT EXISTS confidence DECIMAL(3,2),
  ADD COLUMN IF NOT EXISTS emotions JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS keywords TEXT[],
  ADD COLUMN IF NOT EXISTS analyzed_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

ALTER TABLE public.advanced_metrics
  ADD COLUMN IF NOT EXISTS id UUID DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS metric_type TEXT,
  ADD COLUMN IF NOT EXISTS metric_subtype TEXT,
  ADD COLUMN IF NOT EXISTS metric_value DECIMAL(15,4),
  ADD COLUMN IF NOT EXISTS metric_metadata JSONB DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS aggregation_period TEXT,
  ADD COLUMN IF NOT EXISTS start_time TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS end_time TIMESTAMP WITH TIME ZONE,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW();

SELECT romashka.ensure_not_null('public.security_sessions', 'session_token');
SELECT romashka.ensure_not_null('public.security_incidents', 'incident_type');
SELECT romashka.ensure_not_null('public.security_incidents', 'severity');
SELECT romashka.ensure_not_null('public.compliance_results', 'compliance_type');
SELECT romashka.ensure_not_null('public.compliance_results', 'check_name');
SELECT romashka.ensure_not_null('public.compliance_results', 'status');
SELECT romashka.ensure_not_null('public.predictive_analytics', 'prediction_type');
SELECT romashka.ensure_not_null('public.predictive_analytics', 'prediction_date');
SELECT romashka.ensure_not_null('public.business_intelligence', 'metric_category');
SELECT romashka.ensure_not_null('public.business_intelligence', 'metric_name');
SELECT romashka.ensure_not_null('public.customer_journey', 'journey_stage');
SELECT romashka.ensure_not_null('public.advanced_metrics', 'metric_type');

SELECT romashka.ensure_constraint('public.security_sessions', 'security_sessions_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_incident_type_check',
  'CHECK (incident_type IN (''failed_login'', ''suspicious_activity'', ''data_breach'', ''api_abuse'', ''unauthorized_access''))');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_severity_check',
  'CHECK (severity IN (''low'', ''medium'', ''high'', ''critical''))');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_resolved_by_fkey',
  'FOREIGN KEY (resolved_by) REFERENCES public.profiles(id) ON DELETE SET NULL');
SELECT romashka.ensure_constraint('public.compliance_results', 'compliance_results_compliance_type_check',
  'CHECK (compliance_type IN (''gdpr'', ''ccpa'', ''hipaa'', ''sox'', ''iso27001''))');
SELECT romashka.ensure_constraint('public.compliance_results', 'compliance_results_status_check',
  'CHECK (status IN (''passed'', ''failed'', ''warning'', ''error''))');
SELECT romashka.ensure_constraint('public.compliance_results', 'compliance_results_severity_check',
  'CHECK (severity IN (''low'', ''medium'', ''high'', ''critical''))');
SELECT romashka.ensure_constraint('public.api_security_logs', 'api_security_logs_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL');
SELECT romashka.ensure_constraint('public.two_factor_auth', 'two_factor_auth_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.two_factor_auth', 'two_factor_auth_method_check',
  'CHECK (method IN (''totp'', ''sms'', ''email''))');
SELECT romashka.ensure_constraint('public.predictive_analytics', 'predictive_analytics_prediction_type_check',
  'CHECK (prediction_type IN (''volume_forecast'', ''satisfaction_trend'', ''staffing_needs'', ''performance_prediction''))');
SELECT romashka.ensure_constraint('public.predictive_analytics', 'predictive_analytics_confidence_level_check',
  'CHECK (confidence_level >= 0 AND confidence_level <= 1)');
SELECT romashka.ensure_constraint('public.business_intelligence', 'business_intelligence_metric_category_check',
  'CHECK (metric_category IN (''kpi'', ''trend'', ''insight'', ''recommendation''))');
SELECT romashka.ensure_constraint('public.customer_journey', 'customer_journey_customer_id_fkey',
  'FOREIGN KEY (customer_id) REFERENCES public.customer_profiles(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.customer_journey', 'customer_journey_journey_stage_check',
  'CHECK (journey_stage IN (''discovery'', ''consideration'', ''decision'', ''onboarding'', ''support'', ''retention''))');
SELECT romashka.ensure_constraint('public.customer_journey', 'customer_journey_satisfaction_score_check',
  'CHECK (satisfaction_score >= 1 AND satisfaction_score <= 5)');
SELECT romashka.ensure_constraint('public.sentiment_analysis', 'sentiment_analysis_conversation_id_fkey',
  'FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.sentiment_analysis', 'sentiment_analysis_message_id_fkey',
  'FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.sentiment_analysis', 'sentiment_analysis_sentiment_score_check',
  'CHECK (sentiment_score >= -1 AND sentiment_score <= 1)');
SELECT romashka.ensure_constraint('public.sentiment_analysis', 'sentiment_analysis_sentiment_label_check',
  'CHECK (sentiment_label IN (''positive'', ''negative'', ''neutral''))');
SELECT romashka.ensure_constraint('public.sentiment_analysis', 'sentiment_analysis_confidence_check',
  'CHECK (confidence >= 0 AND confidence <= 1)');
SELECT romashka.ensure_constraint('public.advanced_metrics', 'advanced_metrics_aggregation_period_check',
  'CHECK (aggregation_period IN (''minute'', ''hour'', ''day'', ''week'', ''month''))');
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000300, 'older_tables', '61e6b78e3a5897d4ccf410cf68aa3bfe41db1b8c1c691070ee1f3650932c9717', now());
END
$romashka$;
