-- Written by `make generate` from migrations/20261123000200_seed_tables.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The ten tables of the seed, as it gives them, with schema-qualified names. A
-- table that is already there is left as it is; the next migration adds missing
-- columns.

-- SECURITY TABLES (MISSING)

-- Security sessions tracking
CREATE TABLE IF NOT EXISTS public.security_sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID REFERENCES public.profiles(id) ON DELETE CASCADE,
    session_token TEXT UNIQUE NOT NULL,
    ip_address INET,
    user_agent TEXT,
    login_method TEXT DEFAULT 'password',
    session_duration INTERVAL,
    logout_reason TEXT,
    is_active BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    ended_at TIMESTAMP WITH TIME ZONE,
    last_activity TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Security incidents monitoring
CREATE TABLE IF NOT EXISTS public.security_incidents (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    incident_type TEXT NOT NULL CHECK (incident_type IN ('failed_login', 'suspicious_activity', 'data_breach', 'api_abuse', 'unauthorized_access')),
    severity TEXT NOT NULL DEFAULT 'medium' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    user_id UUID REFERENCES public.profiles(id) ON DELETE SET NULL,
    ip_address INET,
    description TEXT,
    detection_method TEXT,
    resolved BOOLEAN DEFAULT FALSE,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by UUID REFERENCES public.profiles(id) ON DELETE SET NULL,
    metadata JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Compliance monitoring and results
CREATE TABLE IF NOT EXISTS public.compliance_results (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    compliance_type TEXT NOT NULL CHECK (compliance_type IN ('gdpr', 'ccpa', 'hipaa', 'sox', 'iso27001')),
    check_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('passed', 'failed', 'warning', 'error')),
    details JSONB DEFAULT '{}',
    remediation_steps TEXT[] DEFAULT '{}',
    severity TEXT DEFAULT 'medium' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    auto_remediated BOOLEAN DEFAULT FALSE,
    checked_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    next_check_due TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- API security monitoring
CREATE TABLE IF NOT EXISTS public.api_security_logs (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    endpoint TEXT,
    method TEXT,
    user_id UUID REFERENCES public.profiles(id) ON DELETE SET NULL,
    ip_address INET,
    request_size INTEGER,
    response_code INTEGER,
    response_time_ms INTEGER,
    rate_limit_hit BOOLEAN DEFAULT FALSE,
    suspicious_activity BOOLEAN DEFAULT FALSE,
    request_headers JSONB DEFAULT '{}',
    response_headers JSONB DEFAULT '{}',
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Two-factor authentication (if missing)
CREATE TABLE IF NOT EXISTS public.two_factor_auth (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID REFERENCES public.profiles(id) ON DELETE CASCADE,
    enabled BOOLEAN DEFAULT FALSE,
    secret TEXT,
    backup_codes TEXT[],
    method TEXT DEFAULT 'totp' CHECK (method IN ('totp', 'sms', 'email')),
    phone_number TEXT,
    email TEXT,
    last_used TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- ENHANCED ANALYTICS TABLES

-- Predictive analytics storage
CREATE TABLE IF NOT EXISTS public.predictive_analytics (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    prediction_type TEXT NOT NULL CHECK (prediction_type IN ('volume_forecast', 'satisfaction_trend', 'staffing_needs', 'performance_prediction')),
    prediction_date DATE NOT NULL,
    predicted_value DECIMAL(10,4),
    confidence_level DECIMAL(5,4) CHECK (confidence_level >= 0 AND confidence_level <= 1),
    model_version TEXT DEFAULT '1.0',
    input_features JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Business intelligence metrics
CREATE TABLE IF NOT EXISTS public.business_intelligence (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    metric_category TEXT NOT NULL CHECK (metric_category IN ('kpi', 'trend', 'insight', 'recommendation')),
    metric_name TEXT NOT NULL,
    metric_value DECIMAL(15,4),
    metric_unit TEXT,
    time_period TEXT,
    dimensions JSONB DEFAULT '{}',
    calculated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    expires_at TIMESTAMP WITH TIME ZONE
);

-- Customer journey analytics
CREATE TABLE IF NOT EXISTS public.customer_journey (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id UUID REFERENCES public.customer_profiles(id) ON DELETE CASCADE,
    journey_stage TEXT NOT NULL CHECK (journey_stage IN ('discovery', 'consideration', 'decision', 'onboarding', 'support', 'retention')),
    touchpoint TEXT,
    channel_type TEXT,
    interaction_type TEXT,
    session_duration INTEGER,
    conversion_achieved BOOLEAN DEFAULT FALSE,
    satisfaction_score INTEGER CHECK (satisfaction_score >= 1 AND satisfaction_score <= 5),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Sentiment analysis results
CREATE TABLE IF NOT EXISTS public.sentiment_analysis (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    conversation_id UUID REFERENCES public.conversations(id) ON DELETE CASCADE,
    message_id UUID REFERENCES public.messages(id) ON DELETE CASCADE,
    sentiment_score DECIMAL(3,2) CHECK (sentiment_score >= -1 AND sentiment_score <= 1),
    sentiment_label TEXT CHECK (sentiment_label IN ('positive', 'negative', 'neutral')),
    confidence DECIMAL(3,2) CHECK (confidence >= 0 AND confidence <= 1),
    emotions JSONB DEFAULT '{}',
    keywords TEXT[],
    analyzed_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Advanced performance metrics
CREATE TABLE IF NOT EXISTS public.advanced_metrics (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    metric_type TEXT NOT NULL,
    metric_subtype TEXT,
    metric_value DECIMAL(15,4),
    metric_metadata JSONB DEFAULT '{}',
    aggregation_period TEXT CHECK (aggregation_period IN ('minute', 'hour', 'day', 'week', 'month')),
    start_time TIMESTAMP WITH TIME ZONE,
    end_time TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000200, 'seed_tables', '2f7bb5ddcad0ccd1dd02eb360ee56f522ebd8325e16482a933aa186b0000c186', now());
END
$romashka$;
