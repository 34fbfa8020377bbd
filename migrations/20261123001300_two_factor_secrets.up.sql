-- Found in the seed: two_factor_auth has no row level security. With Supabase's
-- default grants anybody reads, changes and deletes every user's TOTP secret and
-- backup codes.
--
-- Mend: a user sees and writes his own row; and secrets only go in. A column
-- that is not granted would do, but then select=* answers 42501, and the app
-- asks for just that. So the two columns stay, and a trigger moves their values
-- into romashka.two_factor_secrets, which no API role can read, and leaves NULL.
-- The secret is kept as it is, as Supabase keeps its own in auth.mfa_factors: it
-- is needed to compute codes. Backup codes need only be compared, so their
-- salted hashes are kept.
--
-- The app turns two-factor on by an upsert that names no key, which merges on
-- the primary key only: so user_id becomes that. It also states the
-- meaning of the table, one row per user. If rows from before contradict, the migrator refuses
-- before it begins; so does this file.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.two_factor_auth GROUP BY user_id HAVING count(*) > 1 OR user_id IS NULL) THEN
    RAISE EXCEPTION 'table public.two_factor_auth, column user_id: must be one row per user'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Delete the rows without user_id and all but the newest of each user.';
  END IF;
END
$check$;

-- By name of the index, not of the columns: the key may be there already.
DO $key$
DECLARE
  current_key text;
  is_user     boolean;
BEGIN
  SELECT c.conname, c.conkey = ARRAY[a.attnum] INTO current_key, is_user
  FROM pg_catalog.pg_attribute AS a
  LEFT JOIN pg_catalog.pg_constraint AS c ON c.conrelid = a.attrelid AND c.contype = 'p'
  WHERE a.attrelid = 'public.two_factor_auth'::regclass AND a.attname = 'user_id';
  IF is_user THEN
    RETURN;
  END IF;
  IF current_key IS NOT NULL THEN
    EXECUTE format('ALTER TABLE public.two_factor_auth DROP CONSTRAINT %I', current_key);
  END IF;
  ALTER TABLE public.two_factor_auth ADD PRIMARY KEY (user_id);
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_constraint
                 WHERE conrelid = 'public.two_factor_auth'::regclass AND conname = 'two_factor_auth_id_key') THEN
    ALTER TABLE public.two_factor_auth ADD CONSTRAINT two_factor_auth_id_key UNIQUE (id);
  END IF;
END
$key$;

CREATE TABLE IF NOT EXISTS romashka.two_factor_secrets (
  user_id       uuid PRIMARY KEY REFERENCES public.profiles (id) ON DELETE CASCADE,
  secret        text,
  backup_hashes bytea[] NOT NULL DEFAULT '{}',
  updated_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.two_factor_secrets IS 'What two_factor_auth must not show: TOTP secrets, SHA-256 of (user_id, backup code)';
REVOKE ALL ON romashka.two_factor_secrets FROM PUBLIC;
ALTER TABLE romashka.two_factor_secrets ENABLE ROW LEVEL SECURITY; -- no policy: its owner alone

-- hash_backup_code is the form in which romashka.two_factor_secrets keeps a
-- code.
CREATE OR REPLACE FUNCTION romashka.hash_backup_code(owner uuid, code text)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT pg_catalog.sha256(pg_catalog.convert_to(owner::text || ':' || code, 'UTF8'))
$$;
REVOKE ALL ON FUNCTION romashka.hash_backup_code(uuid, text) FROM PUBLIC;

-- keep_two_factor_secret moves the values of secret and backup_codes out of the
-- row. Turning two-factor off forgets both. Row level security judges the row
-- after this trigger; if it refuses, the move is rolled back with it.
CREATE OR REPLACE FUNCTION romashka.keep_two_factor_secret()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.enabled AND NEW.enabled IS FALSE AND NEW.secret IS NULL THEN
    DELETE FROM romashka.two_factor_secrets AS s WHERE s.user_id = NEW.user_id;
  END IF;
  IF NEW.secret IS NOT NULL OR NEW.backup_codes IS NOT NULL THEN
    INSERT INTO romashka.two_factor_secrets AS s (user_id, secret, backup_hashes)
    VALUES (NEW.user_id, NEW.secret, ARRAY(
      SELECT romashka.hash_backup_code(NEW.user_id, c) FROM pg_catalog.unnest(NEW.backup_codes) AS c))
    ON CONFLICT (user_id) DO UPDATE SET
      secret        = COALESCE(EXCLUDED.secret, s.secret),
      backup_hashes = CASE WHEN NEW.backup_codes IS NULL THEN s.backup_hashes ELSE EXCLUDED.backup_hashes END,
      updated_at    = pg_catalog.now();
  END IF;
  NEW.secret := NULL;
  NEW.backup_codes := NULL;
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_two_factor_secret() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_keep_two_factor_secret ON public.two_factor_auth;
CREATE TRIGGER romashka_keep_two_factor_secret
  BEFORE INSERT OR UPDATE ON public.two_factor_auth
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_two_factor_secret();

-- Secrets from before go the same way.
UPDATE public.two_factor_auth SET secret = secret
WHERE secret IS NOT NULL OR backup_codes IS NOT NULL;

ALTER TABLE public.two_factor_auth ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS "Users see own second factor" ON public.two_factor_auth;
CREATE POLICY "Users see own second factor" ON public.two_factor_auth
  FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));

DROP POLICY IF EXISTS "Users enrol own second factor" ON public.two_factor_auth;
CREATE POLICY "Users enrol own second factor" ON public.two_factor_auth
  FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));

DROP POLICY IF EXISTS "Users change own second factor" ON public.two_factor_auth;
CREATE POLICY "Users change own second factor" ON public.two_factor_auth
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
