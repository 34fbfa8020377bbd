-- Written by `make generate` from migrations/20261123002000_data_subjects.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123002000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The GDPR part of /security counts pending requests of data subjects and
-- consents that have run out. Without the tables its score is 0 for want of an
-- answer. Columns are those of the front end's types.
CREATE TABLE IF NOT EXISTS public.data_subject_requests (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.data_subject_requests
  ADD COLUMN IF NOT EXISTS request_type text NOT NULL,
  ADD COLUMN IF NOT EXISTS customer_id uuid,
  ADD COLUMN IF NOT EXISTS customer_email text,
  ADD COLUMN IF NOT EXISTS customer_phone text,
  ADD COLUMN IF NOT EXISTS request_details text,
  ADD COLUMN IF NOT EXISTS status text NOT NULL DEFAULT 'pending',
  ADD COLUMN IF NOT EXISTS processed_by uuid,
  ADD COLUMN IF NOT EXISTS processing_notes text,
  ADD COLUMN IF NOT EXISTS completion_date timestamptz,
  ADD COLUMN IF NOT EXISTS verification_method text,
  ADD COLUMN IF NOT EXISTS documents_provided text[],
  ADD COLUMN IF NOT EXISTS created_by uuid DEFAULT auth.uid(), -- its author, so that he can see it
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.data_subject_requests', 'data_subject_requests_request_type_check',
  'CHECK (request_type IN (''access'', ''rectification'', ''erasure'', ''portability'', ''restrict'', ''object''))');
SELECT romashka.ensure_constraint('public.data_subject_requests', 'data_subject_requests_status_check',
  'CHECK (status IN (''pending'', ''processing'', ''completed'', ''rejected''))');
SELECT romashka.ensure_constraint('public.data_subject_requests', 'data_subject_requests_customer_id_fkey',
  'FOREIGN KEY (customer_id) REFERENCES public.customer_profiles(id) ON DELETE SET NULL');
SELECT romashka.ensure_constraint('public.data_subject_requests', 'data_subject_requests_processed_by_fkey',
  'FOREIGN KEY (processed_by) REFERENCES public.profiles(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_data_subject_requests_status ON public.data_subject_requests (status);
CREATE INDEX IF NOT EXISTS idx_data_subject_requests_customer_id ON public.data_subject_requests (customer_id);
CREATE INDEX IF NOT EXISTS idx_data_subject_requests_processed_by ON public.data_subject_requests (processed_by);
CREATE INDEX IF NOT EXISTS idx_data_subject_requests_created_by ON public.data_subject_requests (created_by);

CREATE TABLE IF NOT EXISTS public.data_consent (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.data_consent
  ADD COLUMN IF NOT EXISTS user_id uuid,
  ADD COLUMN IF NOT EXISTS customer_id uuid,
  ADD COLUMN IF NOT EXISTS consent_type text NOT NULL,
  ADD COLUMN IF NOT EXISTS consent_given boolean NOT NULL,
  ADD COLUMN IF NOT EXISTS consent_method text NOT NULL DEFAULT 'explicit',
  ADD COLUMN IF NOT EXISTS purpose text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS legal_basis text NOT NULL DEFAULT 'consent',
  ADD COLUMN IF NOT EXISTS source_url text,
  ADD COLUMN IF NOT EXISTS ip_address text, -- the client sends "unknown" when it does not know
  ADD COLUMN IF NOT EXISTS user_agent text,
  ADD COLUMN IF NOT EXISTS withdrawal_date timestamptz,
  ADD COLUMN IF NOT EXISTS expiry_date timestamptz,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.data_consent', 'data_consent_consent_type_check',
  'CHECK (consent_type IN (''marketing'', ''analytics'', ''essential'', ''functional''))');
SELECT romashka.ensure_constraint('public.data_consent', 'data_consent_consent_method_check',
  'CHECK (consent_method IN (''explicit'', ''implicit'', ''opt_in'', ''opt_out''))');
SELECT romashka.ensure_constraint('public.data_consent', 'data_consent_legal_basis_check',
  'CHECK (legal_basis IN (''consent'', ''legitimate_interest'', ''contract'', ''legal_obligation''))');
-- The proof that consent was given outlives the person's account, without his name.
SELECT romashka.ensure_constraint('public.data_consent', 'data_consent_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL');
SELECT romashka.ensure_constraint('public.data_consent', 'data_consent_customer_id_fkey',
  'FOREIGN KEY (customer_id) REFERENCES public.customer_profiles(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_data_consent_user_id ON public.data_consent (user_id);
CREATE INDEX IF NOT EXISTS idx_data_consent_customer_id ON public.data_consent (customer_id);
CREATE INDEX IF NOT EXISTS idx_data_consent_given ON public.data_consent (consent_given) WHERE withdrawal_date IS NULL;

DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.data_subject_requests;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.data_subject_requests
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();
DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.data_consent;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.data_consent
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

ALTER TABLE public.data_subject_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.data_consent ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.data_subject_requests, public.data_consent FROM PUBLIC, anon, authenticated;
GRANT ALL ON public.data_subject_requests, public.data_consent TO service_role;
GRANT SELECT ON public.data_subject_requests, public.data_consent TO authenticated;
GRANT INSERT (id, request_type, customer_id, customer_email, customer_phone, request_details, status, verification_method, documents_provided)
  ON public.data_subject_requests TO authenticated;
GRANT UPDATE (status, processed_by, processing_notes, completion_date, verification_method, updated_at)
  ON public.data_subject_requests TO authenticated;
GRANT INSERT (id, user_id, customer_id, consent_type, consent_given, consent_method, purpose, legal_basis, source_url,
              ip_address, user_agent, withdrawal_date, expiry_date)
  ON public.data_consent TO authenticated;
GRANT UPDATE (consent_given, withdrawal_date, expiry_date, updated_at) ON public.data_consent TO authenticated;

DROP POLICY IF EXISTS "Users see requests they filed, admins all" ON public.data_subject_requests;
CREATE POLICY "Users see requests they filed, admins all" ON public.data_subject_requests
  FOR SELECT TO authenticated
  USING (created_by = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Users file requests" ON public.data_subject_requests;
CREATE POLICY "Users file requests" ON public.data_subject_requests
  FOR INSERT TO authenticated
  WITH CHECK (created_by = (SELECT auth.uid()) AND (status = 'pending' OR (SELECT romashka.has_role('admin', 'compliance_admin'))));
DROP POLICY IF EXISTS "Admins process requests" ON public.data_subject_requests;
CREATE POLICY "Admins process requests" ON public.data_subject_requests
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));

DROP POLICY IF EXISTS "Users see own consent, admins all" ON public.data_consent;
CREATE POLICY "Users see own consent, admins all" ON public.data_consent
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Users give consent, admins record it" ON public.data_consent;
CREATE POLICY "Users give consent, admins record it" ON public.data_consent
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Users withdraw consent, admins record it" ON public.data_consent;
CREATE POLICY "Users withdraw consent, admins record it" ON public.data_consent
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'compliance_admin')))
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'compliance_admin')));
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123002000, 'data_subjects', '020e75b665f4703042314b14cd5622fb5c6bd7f27ae8dc63e58af238bdd9ecb5', now());
END
$romashka$;
