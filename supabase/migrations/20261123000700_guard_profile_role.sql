-- Written by `make generate` from migrations/20261123000700_guard_profile_role.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000700) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found around the seed: its policies trust profiles.role, and the policies of
-- profiles let everybody write his own row, role included. One PATCH makes any
-- user an admin.
--
-- Mend: a trigger refuses that anon or authenticated give a row one of the
-- roles which our policies trust, unless the caller is an admin already. All
-- other writes to profiles, and those of service_role and of the dashboard,
-- are as before.
CREATE OR REPLACE FUNCTION romashka.guard_profile_role()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  -- current_user is the role of the request, because this function is no
  -- definer; for the same reason it cannot call romashka.has_role by name, and
  -- asks under the row level security of profiles, which shows one's own row.
  IF current_user NOT IN ('anon', 'authenticated')
     OR NEW.role IS NULL
     OR NEW.role NOT IN ('admin', 'security_admin', 'compliance_admin') THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.role IS NOT DISTINCT FROM OLD.role THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role = 'admin') THEN
    RAISE EXCEPTION 'only an admin may give the role %', NEW.role
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_profile_role() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_guard_profile_role ON public.profiles;
CREATE TRIGGER romashka_guard_profile_role
  BEFORE INSERT OR UPDATE ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION romashka.guard_profile_role();
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000700, 'guard_profile_role', 'ceb2fe5f2c8d82eefc75bfa8a62810c1aa1c06a7fbce8865a5491876bfafc015', now());
END
$romashka$;
