-- A request of a data subject had no day by which it is to be answered: a month
-- under the GDPR, 45 days under the CCPA. due_at is that day; an extension (GDPR
-- Art. 12(3), CCPA 1798.130(a)(2)) moves it. romashka.subject_rules says what the
-- names of a database do not: which column refers to a person where no key does,
-- and what is done with rows of a table when a person is erased, and why.
ALTER TABLE public.data_subject_requests
  ADD COLUMN IF NOT EXISTS regulation text NOT NULL DEFAULT 'gdpr',
  ADD COLUMN IF NOT EXISTS due_at timestamptz;
SELECT romashka.ensure_constraint('public.data_subject_requests', 'data_subject_requests_regulation_check', 'CHECK (regulation IN (''gdpr'', ''ccpa''))');
COMMENT ON COLUMN public.data_subject_requests.regulation IS 'By which the clock runs: gdpr 30 days, ccpa 45';
COMMENT ON COLUMN public.data_subject_requests.due_at IS 'Set when the request is filed; an extension with its reason moves it';

CREATE OR REPLACE FUNCTION romashka.set_due_at()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.due_at := COALESCE(NEW.due_at, COALESCE(NEW.created_at, pg_catalog.now()) + CASE NEW.regulation WHEN 'ccpa' THEN interval '45 days' ELSE interval '30 days' END);
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.set_due_at() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_set_due_at ON public.data_subject_requests;
CREATE TRIGGER romashka_set_due_at BEFORE INSERT ON public.data_subject_requests
  FOR EACH ROW EXECUTE FUNCTION romashka.set_due_at();
UPDATE public.data_subject_requests SET due_at = created_at + interval '30 days' WHERE due_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_data_subject_requests_due_at ON public.data_subject_requests (due_at) WHERE status IN ('pending', 'processing');
GRANT INSERT (regulation) ON public.data_subject_requests TO authenticated;

CREATE TABLE IF NOT EXISTS romashka.subject_rules (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.subject_rules
  ADD COLUMN IF NOT EXISTS relation text NOT NULL,
  ADD COLUMN IF NOT EXISTS column_name text,
  ADD COLUMN IF NOT EXISTS refers_to text,
  ADD COLUMN IF NOT EXISTS action text,
  ADD COLUMN IF NOT EXISTS reason text,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('romashka.subject_rules', 'subject_rules_action_check',
  'CHECK (action IN (''delete'', ''pseudonymise'', ''keep'') AND (action = ''delete'' OR length(trim(reason)) > 0))');
SELECT romashka.ensure_constraint('romashka.subject_rules', 'subject_rules_whole_check',
  'CHECK ((column_name IS NULL) = (refers_to IS NULL) AND (column_name IS NOT NULL OR action IS NOT NULL))');
COMMENT ON TABLE romashka.subject_rules IS 'What compliance export and erase are told of tables: links that no key holds, and what is done with rows';
COMMENT ON COLUMN romashka.subject_rules.relation IS 'schema.table';
COMMENT ON COLUMN romashka.subject_rules.refers_to IS 'schema.table to whose key column_name refers';
COMMENT ON COLUMN romashka.subject_rules.action IS 'delete, pseudonymise or keep; for the latter two the reason, which the outcome shows';
REVOKE ALL ON romashka.subject_rules FROM PUBLIC;
ALTER TABLE romashka.subject_rules ENABLE ROW LEVEL SECURITY;
DO $grant$
BEGIN
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON romashka.subject_rules TO %s',
    (SELECT c.relowner::regrole FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.profiles'::regclass));
END
$grant$;
DROP POLICY IF EXISTS "Only the owner" ON romashka.subject_rules;
CREATE POLICY "Only the owner" ON romashka.subject_rules FOR ALL TO authenticated USING (false);
DROP TRIGGER IF EXISTS romashka_trail ON romashka.subject_rules;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.subject_rules
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('subject_rule');

-- An erasure changes rows of which the trail keeps what they were: the trail would
-- bring back what was to go. While the owner erases, its lines say which columns
-- changed, and no value. Its name puts it before other triggers of a line.
CREATE OR REPLACE FUNCTION romashka.forget_values()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF COALESCE(pg_catalog.current_setting('request.jwt.claims', true), '') <> ''
     OR NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid IN (TG_RELID, 'public.profiles'::pg_catalog.regclass)
                      AND pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER')) THEN
    RETURN NEW;
  END IF;
  NEW.old_values := (SELECT pg_catalog.jsonb_object_agg(k, 'erased') FROM pg_catalog.jsonb_object_keys(NEW.old_values) AS k);
  NEW.new_values := (SELECT pg_catalog.jsonb_object_agg(k, 'erased') FROM pg_catalog.jsonb_object_keys(NEW.new_values) AS k);
  IF NEW.resource_type <> 'data_subject_requests' THEN
    NEW.resource_id := NULL;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.forget_values() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_0_forget_values ON public.security_audit_logs;
CREATE TRIGGER romashka_0_forget_values BEFORE INSERT ON public.security_audit_logs
  FOR EACH ROW WHEN (current_setting('romashka.erasing', true) = 'on') EXECUTE FUNCTION romashka.forget_values();
