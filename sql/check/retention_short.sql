-- Purpose: periods that are over before an audit can ask for the evidence. A
-- year for the log of requests and sessions, six years for the records
-- of who did which act.
-- Parameters: none. Read only.
-- Needs: public.data_retention_policies
-- Source: 45 CFR 164.316(b)(2)(i), six years; ISO/IEC 27001 A.8.15 and the
-- audits that follow it, a year.
SELECT 'warning' AS severity, format('table %I.%I', 'public', COALESCE(NULLIF(p.data_category, 'session_data'), 'security_sessions')) AS object,
       format('public.%s', COALESCE(NULLIF(p.data_category, 'session_data'), 'security_sessions')) AS relation,
       'what it records is deleted before an audit can ask for it' AS fault,
       format('kept for %s days, evidence is asked for over %s', p.retention_period, w.days) AS evidence,
       format('UPDATE public.data_retention_policies SET retention_period = %s WHERE data_category = %L;', w.days, p.data_category) AS remedy
FROM public.data_retention_policies AS p
JOIN (VALUES ('api_security_logs', 365), ('session_data', 365), ('security_sessions', 365), ('security_alerts', 365),
             ('audit_logs', 2190), ('security_audit_logs', 2190), ('security_incidents', 2190), ('compliance_results', 2190),
             ('data_consent', 2190), ('data_subject_requests', 2190)) AS w (name, days)
  ON w.name = p.data_category AND p.retention_period < w.days
