-- Purpose: row level security of the base tables as deployed. There it is
-- granted to everybody (PUBLIC) and asks auth.role(); several policies exist
-- twice under other names, here once. Run by: supabase_admin, once per database.

SET LOCAL ROLE postgres;
SET LOCAL search_path = public, extensions;

ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Users can view own profile" ON public.profiles
  FOR SELECT USING (auth.uid() = id);
CREATE POLICY "Users can update own profile" ON public.profiles
  FOR UPDATE USING (auth.uid() = id);
CREATE POLICY "Users can create their own profile" ON public.profiles
  FOR INSERT WITH CHECK (auth.uid() = id);

ALTER TABLE public.customer_profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.customer_profiles
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.conversations
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.messages
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.conversation_analytics ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access to conversation analytics" ON public.conversation_analytics
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.daily_metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access to analytics" ON public.daily_metrics
  FOR SELECT USING (auth.role() = 'authenticated');

ALTER TABLE public.realtime_metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.realtime_metrics
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.agent_availability ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Agents can manage own availability" ON public.agent_availability
  FOR ALL USING (auth.uid() = agent_id);
CREATE POLICY "Allow viewing all agent availability" ON public.agent_availability
  FOR SELECT USING (auth.role() = 'authenticated');

ALTER TABLE public.audit_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.audit_logs
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.scheduled_reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow authenticated access" ON public.scheduled_reports
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.export_jobs ENABLE ROW LEVEL SECURITY; -- policy assumed
CREATE POLICY "Allow authenticated access" ON public.export_jobs
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.system_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Allow admin access to system settings" ON public.system_settings
  FOR ALL USING (EXISTS (
    SELECT 1 FROM public.profiles WHERE profiles.id = auth.uid() AND profiles.role = 'admin'));

ALTER TABLE public.knowledge_base ENABLE ROW LEVEL SECURITY; -- policy assumed
CREATE POLICY "Allow authenticated access" ON public.knowledge_base
  FOR ALL USING (auth.role() = 'authenticated');

ALTER TABLE public.agent_work_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Users can manage their own agent work logs" ON public.agent_work_logs
  FOR ALL USING (auth.uid() = user_id);

ALTER TABLE public.ai_response_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY "AI response queue access" ON public.ai_response_queue
  FOR ALL TO authenticated USING (true);

RESET ROLE;
