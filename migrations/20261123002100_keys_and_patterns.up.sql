-- The security and data protection parts of /security look at API keys, patterns
-- of personal data and the rotation of encryption keys.
--
-- No key material is readable. The app sends an API key's hash with select(*) on
-- the way back; a trigger moves it to romashka.api_key_hashes and leaves NULL, as
-- with two_factor_auth. encryption_keys knows names and dates, no material.
CREATE TABLE IF NOT EXISTS public.api_keys (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.api_keys
  ADD COLUMN IF NOT EXISTS user_id uuid NOT NULL,
  ADD COLUMN IF NOT EXISTS name text NOT NULL,
  ADD COLUMN IF NOT EXISTS key_hash text,
  ADD COLUMN IF NOT EXISTS key_preview text NOT NULL,
  ADD COLUMN IF NOT EXISTS permissions text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS rate_limit_per_minute integer NOT NULL DEFAULT 60,
  ADD COLUMN IF NOT EXISTS rate_limit_per_hour integer NOT NULL DEFAULT 3600,
  ADD COLUMN IF NOT EXISTS last_used timestamptz,
  ADD COLUMN IF NOT EXISTS usage_count integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS expires_at timestamptz,
  ADD COLUMN IF NOT EXISTS is_active boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE public.api_keys ALTER COLUMN key_hash DROP NOT NULL;
SELECT romashka.ensure_constraint('public.api_keys', 'api_keys_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE');
CREATE INDEX IF NOT EXISTS idx_api_keys_user_id ON public.api_keys (user_id);

CREATE TABLE IF NOT EXISTS romashka.api_key_hashes (
  api_key_id uuid PRIMARY KEY,
  key_hash   text NOT NULL UNIQUE
);
COMMENT ON TABLE romashka.api_key_hashes IS 'What api_keys must not show';
REVOKE ALL ON romashka.api_key_hashes FROM PUBLIC;
ALTER TABLE romashka.api_key_hashes ENABLE ROW LEVEL SECURITY; -- no policy: its owner alone

-- keep_api_key_hash runs before the row stands, so that no foreign key can hold
-- the two together; it deletes as well as it writes. On INSERT it must not
-- replace: the row may yet turn out to be somebody else's and be ignored (ON
-- CONFLICT DO NOTHING), but the trigger's row would stay.
CREATE OR REPLACE FUNCTION romashka.keep_api_key_hash()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM romashka.api_key_hashes AS h WHERE h.api_key_id = OLD.id;
    RETURN OLD;
  END IF;
  IF NEW.key_hash IS NOT NULL THEN
    IF TG_OP = 'UPDATE' THEN
      DELETE FROM romashka.api_key_hashes AS h WHERE h.api_key_id = OLD.id;
    END IF;
    INSERT INTO romashka.api_key_hashes (api_key_id, key_hash) VALUES (NEW.id, NEW.key_hash);
    NEW.key_hash := NULL;
  END IF;
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_api_key_hash() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_keep_api_key_hash ON public.api_keys;
CREATE TRIGGER romashka_keep_api_key_hash
  BEFORE INSERT OR UPDATE OR DELETE ON public.api_keys
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_api_key_hash();
UPDATE public.api_keys SET key_hash = key_hash WHERE key_hash IS NOT NULL;

CREATE TABLE IF NOT EXISTS public.pii_detection_patterns (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.pii_detection_patterns
  ADD COLUMN IF NOT EXISTS pattern_name text NOT NULL,
  ADD COLUMN IF NOT EXISTS regex_pattern text NOT NULL,
  ADD COLUMN IF NOT EXISTS pattern_type text NOT NULL,
  ADD COLUMN IF NOT EXISTS sensitivity_level integer NOT NULL DEFAULT 1,
  ADD COLUMN IF NOT EXISTS mask_character text NOT NULL DEFAULT '*',
  ADD COLUMN IF NOT EXISTS is_active boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.pii_detection_patterns', 'pii_detection_patterns_pattern_type_check',
  'CHECK (pattern_type IN (''email'', ''phone'', ''ssn'', ''credit_card'', ''ip_address'', ''custom''))');
SELECT romashka.ensure_constraint('public.pii_detection_patterns', 'pii_detection_patterns_sensitivity_level_check',
  'CHECK (sensitivity_level BETWEEN 1 AND 5)');
CREATE UNIQUE INDEX IF NOT EXISTS pii_detection_patterns_pattern_name_key ON public.pii_detection_patterns (pattern_name);

INSERT INTO public.pii_detection_patterns (pattern_name, regex_pattern, pattern_type, sensitivity_level) VALUES
  ('Email address',          '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}', 'email', 2),
  ('Phone number',           '\+[0-9]{1,3}[ .-]?(\([0-9]{1,4}\)|[0-9]{1,4})([ .-]?[0-9]{2,4}){2,4}', 'phone', 2),
  ('Social security number', '[0-9]{3}-[0-9]{2}-[0-9]{4}', 'ssn', 5),
  ('Credit card number',     '[0-9]{4}([ -]?[0-9]{4}){3}', 'credit_card', 5),
  ('IPv4 address',           '((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])', 'ip_address', 3)
ON CONFLICT (pattern_name) DO NOTHING;

CREATE TABLE IF NOT EXISTS public.encryption_keys (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.encryption_keys
  ADD COLUMN IF NOT EXISTS key_name text NOT NULL,
  ADD COLUMN IF NOT EXISTS key_purpose text NOT NULL,
  ADD COLUMN IF NOT EXISTS algorithm text NOT NULL DEFAULT 'AES-256',
  ADD COLUMN IF NOT EXISTS is_active boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS rotation_schedule text,
  ADD COLUMN IF NOT EXISTS last_rotated timestamptz,
  ADD COLUMN IF NOT EXISTS next_rotation timestamptz,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.encryption_keys', 'encryption_keys_key_purpose_check',
  'CHECK (key_purpose IN (''messages'', ''files'', ''pii'', ''backups''))');
SELECT romashka.ensure_constraint('public.encryption_keys', 'encryption_keys_rotation_schedule_check',
  'CHECK (rotation_schedule IN (''monthly'', ''quarterly'', ''yearly''))');
CREATE UNIQUE INDEX IF NOT EXISTS encryption_keys_key_name_key ON public.encryption_keys (key_name);

DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.pii_detection_patterns;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.pii_detection_patterns
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();
DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.encryption_keys;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.encryption_keys
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.pii_detection_patterns ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.encryption_keys ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.api_keys, public.pii_detection_patterns, public.encryption_keys FROM PUBLIC, anon, authenticated;
GRANT ALL ON public.api_keys, public.pii_detection_patterns, public.encryption_keys TO service_role;
GRANT SELECT ON public.api_keys, public.pii_detection_patterns, public.encryption_keys TO authenticated;
-- How often a key was used is not its user's to say.
GRANT INSERT (user_id, name, key_hash, key_preview, permissions, expires_at) ON public.api_keys TO authenticated;
GRANT UPDATE (name, key_hash, key_preview, permissions, expires_at, is_active, updated_at) ON public.api_keys TO authenticated;
GRANT INSERT, UPDATE, DELETE ON public.pii_detection_patterns TO authenticated;
GRANT INSERT, UPDATE ON public.encryption_keys TO authenticated;

DROP POLICY IF EXISTS "Users see own API keys, admins all" ON public.api_keys;
CREATE POLICY "Users see own API keys, admins all" ON public.api_keys
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));
DROP POLICY IF EXISTS "Users make own API keys" ON public.api_keys;
CREATE POLICY "Users make own API keys" ON public.api_keys
  FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
DROP POLICY IF EXISTS "Users change own API keys" ON public.api_keys;
CREATE POLICY "Users change own API keys" ON public.api_keys
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));

DROP POLICY IF EXISTS "Signed-in users see patterns" ON public.pii_detection_patterns;
CREATE POLICY "Signed-in users see patterns" ON public.pii_detection_patterns FOR SELECT TO authenticated USING (true);
DROP POLICY IF EXISTS "Admins add patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins add patterns" ON public.pii_detection_patterns
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins change patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins change patterns" ON public.pii_detection_patterns
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins drop patterns" ON public.pii_detection_patterns;
CREATE POLICY "Admins drop patterns" ON public.pii_detection_patterns
  FOR DELETE TO authenticated USING ((SELECT romashka.has_role('admin', 'compliance_admin')));

DROP POLICY IF EXISTS "Admins see encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins see encryption keys" ON public.encryption_keys
  FOR SELECT TO authenticated USING ((SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins add encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins add encryption keys" ON public.encryption_keys
  FOR INSERT TO authenticated WITH CHECK ((SELECT romashka.has_role('admin', 'security_admin')));
DROP POLICY IF EXISTS "Admins change encryption keys" ON public.encryption_keys;
CREATE POLICY "Admins change encryption keys" ON public.encryption_keys
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'security_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'security_admin')));
