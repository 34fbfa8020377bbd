-- Purpose: the seed's three incidents, about nobody in particular.
INSERT INTO public.security_incidents
  (id, incident_type, severity, ip_address, description, detection_method, resolved)
VALUES
  ('5eed0002-0000-4000-8000-000000000001', 'failed_login', 'medium', '192.168.1.200', 'Multiple failed login attempts from same IP', 'automated_detection', false),
  ('5eed0002-0000-4000-8000-000000000002', 'suspicious_activity', 'high', '10.0.0.50', 'Unusual API access pattern detected', 'anomaly_detection', false),
  ('5eed0002-0000-4000-8000-000000000003', 'api_abuse', 'low', '172.16.0.100', 'Rate limit exceeded multiple times', 'rate_limiter', true)
ON CONFLICT DO NOTHING
