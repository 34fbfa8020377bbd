CREATE INDEX IF NOT EXISTS idx_security_sessions_token ON public.security_sessions (session_token);
CREATE INDEX IF NOT EXISTS idx_predictive_analytics_type ON public.predictive_analytics (prediction_type);
