-- Written by `make generate` from migrations/20261123001500_session_columns.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001500) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The front end writes sessions in two shapes: the seed's (ended_at,
-- logout_reason) and an older one (invalidated_at, invalidation_reason, and the
-- session's place and device). Without these columns /security counts its
-- session check as failed.
--
-- The time and reason of a session's end have two names now. A trigger keeps
-- them in step whichever is written, and gives an ended session its time.
ALTER TABLE public.security_sessions
  ADD COLUMN IF NOT EXISTS geolocation jsonb,
  ADD COLUMN IF NOT EXISTS device_info jsonb,
  ADD COLUMN IF NOT EXISTS expires_at timestamptz,
  ADD COLUMN IF NOT EXISTS invalidated_at timestamptz,
  ADD COLUMN IF NOT EXISTS invalidation_reason text;

CREATE OR REPLACE FUNCTION romashka.keep_session_in_step()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN -- the name that was written gives, the other takes
    IF NEW.invalidated_at IS DISTINCT FROM OLD.invalidated_at AND NEW.ended_at IS NOT DISTINCT FROM OLD.ended_at THEN
      NEW.ended_at := NEW.invalidated_at;
    END IF;
    IF NEW.invalidation_reason IS DISTINCT FROM OLD.invalidation_reason AND NEW.logout_reason IS NOT DISTINCT FROM OLD.logout_reason THEN
      NEW.logout_reason := NEW.invalidation_reason;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.ended_at := COALESCE(NEW.ended_at, NEW.invalidated_at);
    NEW.logout_reason := COALESCE(NEW.logout_reason, NEW.invalidation_reason);
  END IF;
  IF NEW.is_active IS FALSE AND NEW.ended_at IS NULL THEN
    NEW.ended_at := pg_catalog.now();
  END IF;
  NEW.invalidated_at := NEW.ended_at;
  NEW.invalidation_reason := NEW.logout_reason;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_session_in_step() FROM PUBLIC;

UPDATE public.security_sessions
SET invalidated_at = COALESCE(invalidated_at, ended_at), invalidation_reason = COALESCE(invalidation_reason, logout_reason),
    ended_at = COALESCE(ended_at, invalidated_at), logout_reason = COALESCE(logout_reason, invalidation_reason)
WHERE invalidated_at IS DISTINCT FROM ended_at OR invalidation_reason IS DISTINCT FROM logout_reason;

DROP TRIGGER IF EXISTS romashka_keep_session_in_step ON public.security_sessions;
CREATE TRIGGER romashka_keep_session_in_step
  BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_session_in_step();

GRANT INSERT (geolocation, device_info, expires_at) ON public.security_sessions TO authenticated;
GRANT UPDATE (geolocation, invalidated_at, invalidation_reason) ON public.security_sessions TO authenticated;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123001500, 'session_columns', 'c0eb865b478e4b5aea97f6717adaf5f96b040e5f256cb3334d787f99a1a22c0a', now());
END
$romashka$;
