-- Purpose: the seed's five compliance results.
INSERT INTO public.compliance_results
  (id, compliance_type, check_name, status, details, remediation_steps, next_check_due)
VALUES
  ('5eed0003-0000-4000-8000-000000000001', 'gdpr', 'Data Retention Policy Check', 'passed', '{"retention_period": "2 years", "compliance_rate": "100%"}', '{}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000002', 'gdpr', 'Consent Management Audit', 'warning', '{"missing_consents": 5, "total_records": 1000}', '{"Update consent records", "Implement consent refresh workflow"}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000003', 'ccpa', 'Data Subject Rights Verification', 'passed', '{"requests_processed": 45, "avg_response_time": "3 days"}', '{}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000004', 'hipaa', 'Access Control Review', 'failed', '{"unauthorized_access_attempts": 3, "security_score": 75}', '{"Review user permissions", "Implement additional access controls"}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000005', 'sox', 'Financial Data Security Check', 'passed', '{"encryption_status": "enabled", "audit_trail": "complete"}', '{}', now() + interval '1 day')
ON CONFLICT DO NOTHING
