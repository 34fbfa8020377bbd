-- The seed's sample rows, word for word.
-- ================================
-- SAMPLE DATA FOR TESTING
-- ================================

-- Insert sample security sessions
INSERT INTO security_sessions (user_id, session_token, ip_address, user_agent, login_method, session_duration, is_active) VALUES
    ((SELECT id FROM profiles LIMIT 1), 'session_' || gen_random_uuid(), '192.168.1.100', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'password', INTERVAL '2 hours', TRUE),
    ((SELECT id FROM profiles LIMIT 1), 'session_' || gen_random_uuid(), '192.168.1.101', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36', 'oauth', INTERVAL '1 hour', TRUE),
    ((SELECT id FROM profiles LIMIT 1), 'session_' || gen_random_uuid(), '192.168.1.102', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'password', INTERVAL '3 hours', FALSE)
ON CONFLICT DO NOTHING;

-- Insert sample security incidents
INSERT INTO security_incidents (incident_type, severity, ip_address, description, detection_method, resolved) VALUES
    ('failed_login', 'medium', '192.168.1.200', 'Multiple failed login attempts from same IP', 'automated_detection', FALSE),
    ('suspicious_activity', 'high', '10.0.0.50', 'Unusual API access pattern detected', 'anomaly_detection', FALSE),
    ('api_abuse', 'low', '172.16.0.100', 'Rate limit exceeded multiple times', 'rate_limiter', TRUE)
ON CONFLICT DO NOTHING;

-- Insert sample compliance results
INSERT INTO compliance_results (compliance_type, check_name, status, details, remediation_steps, next_check_due) VALUES
    ('gdpr', 'Data Retention Policy Check', 'passed', '{"retention_period": "2 years", "compliance_rate": "100%"}', '{}', NOW() + INTERVAL '1 day'),
    ('gdpr', 'Consent Management Audit', 'warning', '{"missing_consents": 5, "total_records": 1000}', '{"Update consent records", "Implement consent refresh workflow"}', NOW() + INTERVAL '1 day'),
    ('ccpa', 'Data Subject Rights Verification', 'passed', '{"requests_processed": 45, "avg_response_time": "3 days"}', '{}', NOW() + INTERVAL '1 day'),
    ('hipaa', 'Access Control Review', 'failed', '{"unauthorized_access_attempts": 3, "security_score": 75}', '{"Review user permissions", "Implement additional access controls"}', NOW() + INTERVAL '1 day'),
    ('sox', 'Financial Data Security Check', 'passed', '{"encryption_status": "enabled", "audit_trail": "complete"}', '{}', NOW() + INTERVAL '1 day')
ON CONFLICT DO NOTHING;

-- Insert sample business intelligence metrics
INSERT INTO business_intelligence (metric_category, metric_name, metric_value, metric_unit, time_period, dimensions) VALUES
    ('kpi', 'Customer Satisfaction Score', 4.2, 'score', 'daily', '{"channel": "all", "department": "support"}'),
    ('kpi', 'Average Response Time', 120.5, 'seconds', 'daily', '{"channel": "all", "department": "support"}'),
    ('kpi', 'Resolution Rate', 0.85, 'percentage', 'daily', '{"channel": "all", "department": "support"}'),
    ('kpi', 'AI Accuracy Score', 0.88, 'percentage', 'daily', '{"model": "v1.0", "department": "ai"}'),
    ('trend', 'Volume Growth', 0.15, 'percentage', 'weekly', '{"comparison": "week_over_week"}'),
    ('insight', 'Peak Hours Identified', 2.0, 'hours', 'daily', '{"peak_start": "09:00", "peak_end": "11:00"}'),
    ('recommendation', 'Staffing Optimization', 3.0, 'agents', 'daily', '{"action": "increase_peak_hours"}')
ON CONFLICT DO NOTHING;

-- Insert sample predictive analytics
INSERT INTO predictive_analytics (prediction_type, prediction_date, predicted_value, confidence_level, model_version) VALUES
    ('volume_forecast', CURRENT_DATE + INTERVAL '1 day', 120.5, 0.85, '1.0'),
    ('volume_forecast', CURRENT_DATE + INTERVAL '2 days', 135.2, 0.82, '1.0'),
    ('volume_forecast', CURRENT_DATE + INTERVAL '3 days', 98.7, 0.88, '1.0'),
    ('satisfaction_trend', CURRENT_DATE + INTERVAL '1 day', 4.2, 0.78, '1.0'),
    ('satisfaction_trend', CURRENT_DATE + INTERVAL '2 days', 4.3, 0.75, '1.0'),
    ('staffing_needs', CURRENT_DATE + INTERVAL '1 day', 8.0, 0.90, '1.0'),
    ('performance_prediction', CURRENT_DATE + INTERVAL '1 day', 0.92, 0.85, '1.0')
ON CONFLICT DO NOTHING;
