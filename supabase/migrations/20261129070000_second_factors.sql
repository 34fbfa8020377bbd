-- Written by `make generate` from migrations/20261129070000_second_factors.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129070000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The seed keeps a second factor per user and nobody ever checks a code. From
-- here on factors live in schema romashka, several per user, and the sidecar
-- checks them: their secrets are encrypted with a key that the database does not
-- have, so that neither a dump nor a role of the API can show one.
-- public.two_factor_auth stays as the summary that the pages read.
CREATE TABLE IF NOT EXISTS romashka.factors (factor_id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.factors
  ADD COLUMN IF NOT EXISTS user_id uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  ADD COLUMN IF NOT EXISTS method text NOT NULL,
  ADD COLUMN IF NOT EXISTS enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS from_table boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS destination text,
  ADD COLUMN IF NOT EXISTS secret bytea,
  ADD COLUMN IF NOT EXISTS key_id text,
  ADD COLUMN IF NOT EXISTS last_step bigint,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS confirmed_at timestamptz,
  ADD COLUMN IF NOT EXISTS last_used timestamptz;
SELECT romashka.ensure_constraint('romashka.factors', 'factors_method_check', 'CHECK (method IN (''totp'', ''sms'', ''email''))');
SELECT romashka.ensure_constraint('romashka.factors', 'factors_secret_check',
  'CHECK (CASE WHEN method = ''totp'' THEN secret IS NOT NULL AND key_id IS NOT NULL AND destination IS NULL ELSE destination IS NOT NULL END)');
CREATE INDEX IF NOT EXISTS factors_user_id ON romashka.factors (user_id);
CREATE UNIQUE INDEX IF NOT EXISTS factors_from_table ON romashka.factors (user_id) WHERE from_table;
COMMENT ON TABLE romashka.factors IS 'Second factors; secret is AES-256-GCM under the key that key_id names, with user_id as associated data';
COMMENT ON COLUMN romashka.factors.enabled IS 'A right code was seen; until then the factor counts for nothing';
COMMENT ON COLUMN romashka.factors.from_table IS 'Written to public.two_factor_auth by the front end';
COMMENT ON COLUMN romashka.factors.last_step IS 'Time step of the last code that was taken; it and older ones are refused';

-- One code per factor: a new one takes the place of the old.
CREATE TABLE IF NOT EXISTS romashka.factor_codes (
  factor_id  uuid PRIMARY KEY REFERENCES romashka.factors ON DELETE CASCADE,
  code_hash  bytea NOT NULL,
  key_id     text NOT NULL,
  expires_at timestamptz NOT NULL,
  sent_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.factor_codes IS 'HMAC-SHA256 of codes that were sent, under the key that key_id names; a code that was used is gone';

CREATE TABLE IF NOT EXISTS romashka.backup_codes (
  user_id    uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  position   smallint NOT NULL,
  code_hash  text NOT NULL,
  used_at    timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, position)
);
COMMENT ON TABLE romashka.backup_codes IS 'bcrypt hashes of backup codes; the first letter of a code says its position';

CREATE TABLE IF NOT EXISTS romashka.verified_sessions (
  session_id     uuid PRIMARY KEY,
  user_id        uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  method         text NOT NULL,
  verified_at    timestamptz NOT NULL DEFAULT now(),
  verified_until timestamptz NOT NULL,
  known          boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS verified_sessions_user_id ON romashka.verified_sessions (user_id);
COMMENT ON TABLE romashka.verified_sessions IS 'Sessions in which a second factor was shown; known ones end with their row of auth.sessions';

-- Events of factors: limits count them, rules of detection and an admin read
-- them. No foreign key: they outlive factor and user.
CREATE TABLE IF NOT EXISTS romashka.factor_events (
  event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  user_id    uuid NOT NULL,
  factor_id  uuid,
  event      text NOT NULL,
  method     text,
  address    inet,
  session_id uuid,
  actor_id   uuid,
  details    jsonb NOT NULL DEFAULT '{}'
);
SELECT romashka.ensure_constraint('romashka.factor_events', 'factor_events_event_check',
  'CHECK (event IN (''enrolled'', ''confirmed'', ''sent'', ''verified'', ''refused'', ''limited'', ''backup_used'', ''backup_made'', ''removed'', ''reset'', ''encrypted''))');
CREATE INDEX IF NOT EXISTS factor_events_user_id ON romashka.factor_events (user_id, at);
CREATE INDEX IF NOT EXISTS factor_events_address ON romashka.factor_events (address, at);
CREATE INDEX IF NOT EXISTS factor_events_at ON romashka.factor_events (at);
COMMENT ON TABLE romashka.factor_events IS 'What was done with second factors, and what was refused';

REVOKE ALL ON romashka.factors, romashka.factor_codes, romashka.backup_codes, romashka.verified_sessions, romashka.factor_events
  FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.factor_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.backup_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.verified_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.factor_events ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.factors;
CREATE POLICY "Only the owner" ON romashka.factors FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.factor_codes;
CREATE POLICY "Only the owner" ON romashka.factor_codes FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.backup_codes;
CREATE POLICY "Only the owner" ON romashka.backup_codes FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.verified_sessions;
CREATE POLICY "Only the owner" ON romashka.verified_sessions FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.factor_events;
CREATE POLICY "Only the owner" ON romashka.factor_events FOR ALL TO authenticated USING (false);

-- announce_two_factor_secret notifies the sidecar that the front end wrote a
-- secret in the clear. Nothing of it is in the message.
CREATE OR REPLACE FUNCTION romashka.announce_two_factor_secret()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('romashka_two_factor', '');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.announce_two_factor_secret() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_announce_two_factor_secret ON romashka.two_factor_secrets;
CREATE TRIGGER romashka_announce_two_factor_secret
  AFTER INSERT OR UPDATE ON romashka.two_factor_secrets
  FOR EACH ROW WHEN (NEW.secret IS NOT NULL OR NEW.backup_hashes <> '{}')
  EXECUTE FUNCTION romashka.announce_two_factor_secret();

-- summarize_factors keeps the row of public.two_factor_auth in step. A factor
-- without a right code changes nothing in it.
CREATE OR REPLACE FUNCTION romashka.summarize_factors()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  owner  CONSTANT uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
  newest romashka.factors;
BEGIN
  SELECT * INTO newest FROM romashka.factors AS f
  WHERE f.user_id = owner AND f.enabled ORDER BY f.confirmed_at DESC, f.factor_id LIMIT 1;
  IF FOUND THEN
    INSERT INTO public.two_factor_auth AS t (user_id, enabled, method, last_used)
    VALUES (owner, true, newest.method, newest.last_used)
    ON CONFLICT (user_id) DO UPDATE SET enabled = true, method = EXCLUDED.method,
      last_used = GREATEST(t.last_used, (SELECT max(f.last_used) FROM romashka.factors AS f WHERE f.user_id = owner));
  ELSIF TG_OP <> 'INSERT' AND OLD.enabled THEN
    UPDATE public.two_factor_auth AS t SET enabled = false WHERE t.user_id = owner;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.summarize_factors() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_summarize_factors ON romashka.factors;
CREATE TRIGGER romashka_summarize_factors
  AFTER INSERT OR DELETE OR UPDATE OF enabled, last_used ON romashka.factors
  FOR EACH ROW EXECUTE FUNCTION romashka.summarize_factors();

-- hold_two_factor_summary: a table write is taken and answered as ever, but it
-- can neither turn off a factor that was confirmed nor name another method.
-- Turning off one that counts for nothing forgets it.
CREATE OR REPLACE FUNCTION romashka.hold_two_factor_summary()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  newest romashka.factors;
BEGIN
  SELECT * INTO newest FROM romashka.factors AS f
  WHERE f.user_id = NEW.user_id AND f.enabled ORDER BY f.confirmed_at DESC, f.factor_id LIMIT 1;
  IF FOUND THEN
    NEW.enabled := true;
    NEW.method := newest.method;
  ELSIF TG_OP = 'UPDATE' AND OLD.enabled AND NEW.enabled IS FALSE THEN
    DELETE FROM romashka.factors AS f WHERE f.user_id = NEW.user_id AND f.from_table AND NOT f.enabled;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.hold_two_factor_summary() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_summary_of_factors ON public.two_factor_auth;
CREATE TRIGGER romashka_summary_of_factors BEFORE INSERT OR UPDATE ON public.two_factor_auth
  FOR EACH ROW EXECUTE FUNCTION romashka.hold_two_factor_summary();
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129070000, 'second_factors', '59822739c89237f46fed1a170f58dd4be1c541ef80ec451fcbe2713f3449b928', now());
END
$romashka$;
