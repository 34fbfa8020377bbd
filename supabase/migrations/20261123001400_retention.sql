-- Written by `make generate` from migrations/20261123001400_retention.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001400) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: cleanup_old_analytics_data() has its periods in its text,
-- and deletes by age alone.
--
-- Mend: one settings table. It is the one that the front end's compliance page
-- reads, one row per category, periods in days; cleanup_old_analytics_data()
-- deletes only in categories with auto_delete. Signed-in users may read it (the
-- page computes its score from it), admin and compliance_admin set it.
CREATE TABLE IF NOT EXISTS public.data_retention_policies (
  id                       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  data_category            text NOT NULL,
  retention_period         integer NOT NULL,
  retention_basis          text NOT NULL DEFAULT 'operational',
  auto_delete              boolean NOT NULL DEFAULT true,
  notification_before_days integer NOT NULL DEFAULT 30,
  created_at               timestamptz NOT NULL DEFAULT now(),
  updated_at               timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.data_retention_policies
  ADD COLUMN IF NOT EXISTS data_category text,
  ADD COLUMN IF NOT EXISTS retention_period integer,
  ADD COLUMN IF NOT EXISTS retention_basis text DEFAULT 'operational',
  ADD COLUMN IF NOT EXISTS auto_delete boolean DEFAULT true,
  ADD COLUMN IF NOT EXISTS notification_before_days integer DEFAULT 30,
  ADD COLUMN IF NOT EXISTS created_at timestamptz DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now();
-- A period of no days would delete everything.
SELECT romashka.ensure_constraint('public.data_retention_policies', 'data_retention_policies_period_check',
  'CHECK (retention_period >= 1)');
CREATE UNIQUE INDEX IF NOT EXISTS data_retention_policies_data_category_key
  ON public.data_retention_policies (data_category);

COMMENT ON TABLE public.data_retention_policies IS 'How long each category of data is kept';
COMMENT ON COLUMN public.data_retention_policies.retention_period IS 'days';

DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.data_retention_policies;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.data_retention_policies
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

INSERT INTO public.data_retention_policies (data_category, retention_period, retention_basis, auto_delete) VALUES
  ('api_security_logs',     30,   'Operation: the seed keeps 30 days', true),
  ('session_data',          90,   'Security: the seed keeps 90 days, ended sessions only', true),
  ('sentiment_analysis',    90,   'Operation: the seed keeps 90 days', true),
  ('advanced_metrics',      90,   'Operation: the seed keeps 90 days', true),
  ('predictive_analytics',  180,  'Operation: the seed keeps 180 days', true),
  ('conversation_messages', 2555, 'Business: 7 years, deleted by hand only', false),
  ('customer_data',         2555, 'Law: 7 years, deleted by hand only', false),
  ('audit_logs',            2555, 'Compliance: 7 years, deleted by hand only', false)
ON CONFLICT (data_category) DO NOTHING;

ALTER TABLE public.data_retention_policies ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.data_retention_policies FROM PUBLIC, anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.data_retention_policies TO authenticated;
GRANT ALL ON public.data_retention_policies TO service_role;

DROP POLICY IF EXISTS "Signed-in users see retention" ON public.data_retention_policies;
CREATE POLICY "Signed-in users see retention" ON public.data_retention_policies
  FOR SELECT TO authenticated USING (true);
DROP POLICY IF EXISTS "Admins add retention" ON public.data_retention_policies;
CREATE POLICY "Admins add retention" ON public.data_retention_policies
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins change retention" ON public.data_retention_policies;
CREATE POLICY "Admins change retention" ON public.data_retention_policies
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins drop retention" ON public.data_retention_policies;
CREATE POLICY "Admins drop retention" ON public.data_retention_policies
  FOR DELETE TO authenticated USING ((SELECT romashka.has_role('admin', 'compliance_admin')));

-- Rows to delete are found by age; these two tables had no index for that.
CREATE INDEX IF NOT EXISTS idx_security_sessions_ended_at ON public.security_sessions (ended_at) WHERE is_active = FALSE;
CREATE INDEX IF NOT EXISTS idx_advanced_metrics_created_at ON public.advanced_metrics (created_at);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001400, 'retention', '60af2d1102eb7758d8814367064002a8fd6f4f20ee0154e936989eb8946253c4', now());
END
$romashka$;
