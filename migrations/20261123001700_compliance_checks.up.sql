-- The button "Run Compliance Checks" reads a catalogue of checks, and writes
-- each result with the check's id and in the words of an older table, without
-- the seed's compliance_type and check_name. So the catalogue is made, results
-- get those columns, and a trigger fills the seed's from the check.
--
-- details and result_details, remediation_steps and recommendations, mean one
-- thing each; they are kept in step whichever is written.
CREATE TABLE IF NOT EXISTS public.compliance_checks (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  check_name        text NOT NULL,
  check_type        text NOT NULL,
  check_description text,
  check_frequency   text NOT NULL DEFAULT 'daily',
  compliance_type   text NOT NULL,
  last_run          timestamptz,
  next_run          timestamptz,
  is_active         boolean NOT NULL DEFAULT true,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.compliance_checks
  ADD COLUMN IF NOT EXISTS check_name text,
  ADD COLUMN IF NOT EXISTS check_type text,
  ADD COLUMN IF NOT EXISTS check_description text,
  ADD COLUMN IF NOT EXISTS check_frequency text DEFAULT 'daily',
  ADD COLUMN IF NOT EXISTS compliance_type text,
  ADD COLUMN IF NOT EXISTS last_run timestamptz,
  ADD COLUMN IF NOT EXISTS next_run timestamptz,
  ADD COLUMN IF NOT EXISTS is_active boolean DEFAULT true,
  ADD COLUMN IF NOT EXISTS created_at timestamptz DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now();
SELECT romashka.ensure_constraint('public.compliance_checks', 'compliance_checks_check_type_check',
  'CHECK (check_type IN (''gdpr'', ''security'', ''data_retention'', ''access_control'', ''data_protection''))');
SELECT romashka.ensure_constraint('public.compliance_checks', 'compliance_checks_check_frequency_check',
  'CHECK (check_frequency IN (''daily'', ''weekly'', ''monthly'', ''quarterly''))');
SELECT romashka.ensure_constraint('public.compliance_checks', 'compliance_checks_compliance_type_check',
  'CHECK (compliance_type IN (''gdpr'', ''ccpa'', ''hipaa'', ''sox'', ''iso27001''))');
CREATE UNIQUE INDEX IF NOT EXISTS compliance_checks_check_name_key ON public.compliance_checks (check_name);
COMMENT ON COLUMN public.compliance_checks.compliance_type IS 'The regulation under which results are filed';

DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.compliance_checks;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.compliance_checks
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

-- The front end finds its code by type first, then by name; under any other pair
-- it reports "generic check passed" without looking.
INSERT INTO public.compliance_checks (check_name, check_type, compliance_type, check_frequency, check_description) VALUES
  ('GDPR Consent Validation',   'gdpr',            'gdpr',     'daily',   'Consents that have run out'),
  ('Data Retention Compliance', 'data_retention',  'gdpr',     'daily',   'Data kept longer than its retention policy allows'),
  ('Access Control Review',     'security',        'iso27001', 'weekly',  'Idle sessions, users without a role'),
  ('Role Assignment Review',    'access_control',  'iso27001', 'weekly',  'Roles with all permissions, assignments that have run out'),
  ('Session Security Check',    'security',        'iso27001', 'daily',   'Sessions that last too long or come from unusual places'),
  ('API Key Security Audit',    'security',        'iso27001', 'weekly',  'API keys without an end, or unused'),
  ('PII Detection Scan',        'data_protection', 'gdpr',     'daily',   'Personal data in the clear'),
  ('Encryption Key Rotation',   'data_protection', 'iso27001', 'monthly', 'Encryption keys past their rotation')
ON CONFLICT (check_name) DO NOTHING;

ALTER TABLE public.compliance_results
  ADD COLUMN IF NOT EXISTS check_id uuid,
  ADD COLUMN IF NOT EXISTS result_details jsonb,
  ADD COLUMN IF NOT EXISTS recommendations text[],
  ADD COLUMN IF NOT EXISTS remediation_actions text[] NOT NULL DEFAULT '{}';
SELECT romashka.ensure_constraint('public.compliance_results', 'compliance_results_check_id_fkey',
  'FOREIGN KEY (check_id) REFERENCES public.compliance_checks(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_compliance_results_check_id ON public.compliance_results (check_id);

UPDATE public.compliance_results SET
  result_details    = COALESCE(result_details, details),
  details           = COALESCE(details, result_details),
  recommendations   = COALESCE(recommendations, remediation_steps),
  remediation_steps = COALESCE(remediation_steps, recommendations)
WHERE result_details IS DISTINCT FROM details OR recommendations IS DISTINCT FROM remediation_steps;

-- keep_result_in_step: on insert the name that says something gives, on update
-- the one that changed; the seed's if both did.
CREATE OR REPLACE FUNCTION romashka.keep_result_in_step()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  checked public.compliance_checks;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.result_details IS NOT NULL AND COALESCE(NEW.details, '{}') = '{}' THEN
      NEW.details := NEW.result_details;
    END IF;
    IF NEW.recommendations IS NOT NULL AND COALESCE(NEW.remediation_steps, '{}') = '{}' THEN
      NEW.remediation_steps := NEW.recommendations;
    END IF;
    IF NEW.check_id IS NOT NULL THEN
      SELECT * INTO checked FROM public.compliance_checks AS c WHERE c.id = NEW.check_id;
      NEW.check_name := COALESCE(NEW.check_name, checked.check_name);
      NEW.compliance_type := COALESCE(NEW.compliance_type, checked.compliance_type);
      NEW.next_check_due := COALESCE(NEW.next_check_due, pg_catalog.now() + CASE checked.check_frequency
        WHEN 'daily' THEN interval '1 day' WHEN 'weekly' THEN interval '7 days'
        WHEN 'monthly' THEN interval '1 month' WHEN 'quarterly' THEN interval '3 months' END);
    END IF;
  ELSE
    IF NEW.result_details IS DISTINCT FROM OLD.result_details AND NEW.details IS NOT DISTINCT FROM OLD.details THEN
      NEW.details := NEW.result_details;
    END IF;
    IF NEW.recommendations IS DISTINCT FROM OLD.recommendations AND NEW.remediation_steps IS NOT DISTINCT FROM OLD.remediation_steps THEN
      NEW.remediation_steps := NEW.recommendations;
    END IF;
  END IF;
  NEW.result_details := NEW.details;
  NEW.recommendations := NEW.remediation_steps;
  NEW.remediation_actions := COALESCE(NEW.remediation_actions, '{}');
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_result_in_step() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_keep_result_in_step ON public.compliance_results;
CREATE TRIGGER romashka_keep_result_in_step
  BEFORE INSERT OR UPDATE ON public.compliance_results
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_result_in_step();

ALTER TABLE public.compliance_checks ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.compliance_checks FROM PUBLIC, anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.compliance_checks TO authenticated;
GRANT ALL ON public.compliance_checks TO service_role;

DROP POLICY IF EXISTS "Signed-in users see the checks" ON public.compliance_checks;
CREATE POLICY "Signed-in users see the checks" ON public.compliance_checks
  FOR SELECT TO authenticated USING (true);
DROP POLICY IF EXISTS "Admins add checks" ON public.compliance_checks;
CREATE POLICY "Admins add checks" ON public.compliance_checks
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins run checks" ON public.compliance_checks;
CREATE POLICY "Admins run checks" ON public.compliance_checks
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins drop checks" ON public.compliance_checks;
CREATE POLICY "Admins drop checks" ON public.compliance_checks
  FOR DELETE TO authenticated USING ((SELECT romashka.has_role('admin', 'compliance_admin')));

-- Every role that may run a check may file its result. Results are evidence:
-- nobody but the server changes one, and the time of filing is the database's.
GRANT INSERT (id, compliance_type, check_name, status, details, remediation_steps, severity, auto_remediated, checked_at,
              next_check_due, check_id, result_details, recommendations, remediation_actions)
  ON public.compliance_results TO authenticated;
DROP POLICY IF EXISTS "Admins file compliance results" ON public.compliance_results;
CREATE POLICY "Admins file compliance results" ON public.compliance_results
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
