-- Found in the seed: it grants nothing, so that Supabase's default privileges
-- decide, and they give ALL on every table to anon and authenticated. One
-- forgotten policy (two_factor_auth) is then enough to lose everything.
--
-- Mend: a grant for each thing that a policy allows, none beside it; anon has
-- no business with any of these tables. Columns are named where a user may set
-- some of his row, but not the ones that make it evidence.
REVOKE ALL ON
  public.security_sessions, public.security_incidents, public.compliance_results,
  public.api_security_logs, public.two_factor_auth, public.predictive_analytics,
  public.business_intelligence, public.customer_journey, public.sentiment_analysis,
  public.advanced_metrics
FROM PUBLIC, anon, authenticated;

GRANT ALL ON
  public.security_sessions, public.security_incidents, public.compliance_results,
  public.api_security_logs, public.two_factor_auth, public.predictive_analytics,
  public.business_intelligence, public.customer_journey, public.sentiment_analysis,
  public.advanced_metrics
TO service_role;

GRANT SELECT ON
  public.security_sessions, public.security_incidents, public.compliance_results,
  public.api_security_logs, public.two_factor_auth, public.predictive_analytics,
  public.business_intelligence, public.customer_journey, public.sentiment_analysis,
  public.advanced_metrics
TO authenticated;

-- A session begins with the client's own facts, and may be ended; its beginning
-- is not the client's to say.
GRANT INSERT (id, user_id, session_token, ip_address, user_agent, login_method,
              session_duration, is_active, last_activity)
  ON public.security_sessions TO authenticated;
GRANT UPDATE (is_active, ended_at, logout_reason, last_activity)
  ON public.security_sessions TO authenticated;

-- An incident may be judged and resolved, but the detected facts stay.
GRANT UPDATE (severity, description, resolved, resolved_at, resolved_by, metadata)
  ON public.security_incidents TO authenticated;

-- user_id is in the list because an upsert sets every column it sends.
GRANT INSERT, UPDATE ON public.two_factor_auth TO authenticated;
