-- Back to Supabase's defaults for signed-in users. anon gets nothing back: a way
-- down must not publish rows that the way up has closed.
GRANT ALL ON
  public.security_sessions, public.security_incidents, public.compliance_results,
  public.api_security_logs, public.two_factor_auth, public.predictive_analytics,
  public.business_intelligence, public.customer_journey, public.sentiment_analysis,
  public.advanced_metrics
TO authenticated, service_role;
