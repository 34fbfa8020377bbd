-- Purpose: the roles that may come to the base tables and functions at all; the rows that
-- they then find are for the policies, that is why every table has row level security.
-- These are the rights that Supabase gave to each new table by itself until 2026, and that
-- the policies and the pages were written for, less those that no request can ask for
-- (TRUNCATE, REFERENCES, TRIGGER).
-- Run by: supabase_admin, once per database.

SET LOCAL ROLE postgres;

GRANT SELECT, INSERT, UPDATE, DELETE ON
  public.profiles, public.customer_profiles, public.conversations, public.messages,
  public.conversation_analytics, public.daily_metrics, public.realtime_metrics,
  public.agent_availability, public.audit_logs, public.scheduled_reports, public.export_jobs,
  public.system_settings, public.knowledge_base, public.agent_work_logs, public.ai_response_queue,
  public.knowledge_categories, public.knowledge_items, public.knowledge_analytics,
  public.website_scan_jobs, public.extracted_content, public.scan_job_logs,
  public.training_datasets, public.training_jobs, public.knowledge_gaps, public.learning_insights,
  public.integrations, public.oauth_tokens, public.synced_contacts, public.synced_orders,
  public.synced_products, public.synced_deals, public.integration_logs,
  public.conversation_metrics, public.typing_indicators, public.agent_setup_progress,
  public.bot_configurations, public.test_scenarios, public.ab_test_configurations,
  public.bot_performance_metrics, public.playground_test_results, public.personality_configs,
  public.response_templates
TO anon, authenticated, service_role;

-- The view shows its owner's rows, of all users: not for those without account.
GRANT SELECT ON public.agent_performance_metrics TO authenticated, service_role;

-- Each tab asks for the next job, that of a visitor, too; the other two are for
-- pages of those who are signed in, and for the clock.
GRANT EXECUTE ON FUNCTION public.get_next_ai_response_job() TO anon, authenticated, service_role;
GRANT EXECUTE ON FUNCTION public.aggregate_daily_metrics(), public.cleanup_expired_metrics() TO authenticated, service_role;

-- A trigger asks nobody for a right to its function.
REVOKE EXECUTE ON FUNCTION
  public.update_updated_at_column(), public.auto_assign_conversation(), public.update_agent_chat_count(),
  public.update_customer_stats(), public.create_conversation_analytics(), public.finalize_conversation_analytics(),
  public.update_conversation_analytics(), public.update_conversation_message_count(), public.handle_new_message()
FROM PUBLIC, anon, authenticated, service_role;

RESET ROLE;
