-- Found in projects made since 2026-05-30: Supabase gives the API's roles nothing
-- on a new table any more, and the file that makes the base tables there counted
-- on it. None of them could be read then, not by service_role either, and every
-- reader of them failed: embeds, the dashboard's function, the pages.
--
-- Mend: that file states its grants now; where it was applied before it did, this
-- states the same. It is known by profiles, without which nobody can use the
-- product, having no grant at all. Elsewhere nothing is done: a table without
-- grants among others with some may be meant so, and `romashka doctor` names it.
-- Tables without row level security stay closed. The grants made here are written
-- down, for the way down.
CREATE TABLE IF NOT EXISTS romashka.base_additions (what text, relation text, PRIMARY KEY (what, relation));
SELECT romashka.ensure_constraint('romashka.base_additions', 'base_additions_what_check', 'CHECK (what IN (''grant'', ''publication''))');
COMMENT ON TABLE romashka.base_additions IS 'What migrations have added to tables that they did not make; going down takes it back';
REVOKE ALL ON romashka.base_additions FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.base_additions ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.base_additions;
CREATE POLICY "Only the owner" ON romashka.base_additions FOR ALL TO authenticated USING (false);

DO $grants$
DECLARE
  base CONSTANT text[] := ARRAY[
    'profiles', 'customer_profiles', 'conversations', 'messages', 'conversation_analytics', 'daily_metrics',
    'realtime_metrics', 'agent_availability', 'audit_logs', 'scheduled_reports', 'export_jobs', 'system_settings',
    'knowledge_base', 'agent_work_logs', 'ai_response_queue', 'knowledge_categories', 'knowledge_items',
    'knowledge_analytics', 'website_scan_jobs', 'extracted_content', 'scan_job_logs', 'training_datasets',
    'training_jobs', 'knowledge_gaps', 'learning_insights', 'integrations', 'oauth_tokens', 'synced_contacts',
    'synced_orders', 'synced_products', 'synced_deals', 'integration_logs', 'conversation_metrics',
    'typing_indicators', 'agent_setup_progress', 'bot_configurations', 'test_scenarios', 'ab_test_configurations',
    'bot_performance_metrics', 'playground_test_results', 'personality_configs', 'response_templates',
    'agent_performance_metrics'];
  ungranted text[] := (
    SELECT array_agg(c.relname::text)
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (base)
      AND (c.relkind IN ('r', 'p') AND c.relrowsecurity OR c.relkind = 'v')
      AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
      AND NOT EXISTS (
        SELECT FROM unnest('{anon,authenticated,service_role}'::text[]) AS role
        WHERE has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(role, c.oid, 'DELETE')));
  name text;
BEGIN
  IF 'profiles' = ANY (ungranted) THEN
    FOREACH name IN ARRAY ungranted LOOP
      IF name = 'agent_performance_metrics' THEN -- a view
        EXECUTE format('GRANT SELECT ON public.%I TO authenticated, service_role', name);
      ELSE
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO anon, authenticated, service_role', name);
      END IF;
      INSERT INTO romashka.base_additions VALUES ('grant', name) ON CONFLICT DO NOTHING;
    END LOOP;
  END IF;
END
$grants$;
