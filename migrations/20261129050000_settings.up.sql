-- A tenant's settings stand in the base's system_settings, which only admins may
-- read. An agent's dashboard would count days in UTC and show no targets, without
-- a word. And a value of another form than its reader expects is found out by the
-- reader, long after.
--
-- Mend: romashka.setting(key) gives settings that concern everybody to everybody
-- who is signed in, and the rest to those who may change it;
-- public.get_setting(key) is the same over the API, and for functions that run
-- with the caller's rights. A trigger refuses a value of a wrong form (23514),
-- and each change is in the trail. A row from before keeps its value until it is
-- changed.

-- setting: the caller is known by the role of the request, which holds in a
-- definer too. A login in its own name is the sidecar's or an admin's.
CREATE OR REPLACE FUNCTION romashka.setting(key text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  value  jsonb;
BEGIN
  IF pg_catalog.to_regclass('public.system_settings') IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT s.setting_value INTO value FROM public.system_settings AS s WHERE s.setting_key = key;
  IF value IS NULL OR caller NOT IN ('anon', 'authenticated') THEN
    RETURN value;
  END IF;
  IF caller = 'anon' OR (SELECT auth.uid()) IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN CASE
    WHEN romashka.has_role('admin') THEN value
    WHEN key IN ('time_zone', 'business_hours', 'holidays', 'kpi_targets') THEN value
    WHEN key = 'staffing' AND pg_catalog.jsonb_typeof(value) = 'object' THEN value - 'wage'
    WHEN key IN ('detection', 'notifications') AND romashka.has_role('security_admin') THEN value
  END;
END
$$;
REVOKE ALL ON FUNCTION romashka.setting(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.setting(text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.setting(text) IS 'A setting of system_settings, as far as it concerns the caller; NULL when it is not set';

-- get_setting: the body is bound when the function is made, so that the caller
-- needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_setting(key text)
RETURNS jsonb LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.setting(key);
END;
REVOKE ALL ON FUNCTION public.get_setting(text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_setting(text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_setting(text) IS 'A setting of the tenant, as far as it concerns the caller; NULL when it is not set';

-- guard_setting is a definer, since who changes a setting may not look names up here.
CREATE OR REPLACE FUNCTION romashka.guard_setting()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  fault text;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.setting_key = OLD.setting_key AND NEW.setting_value = OLD.setting_value THEN
    RETURN NEW;
  END IF;
  fault := romashka.setting_fault(NEW.setting_key, NEW.setting_value);
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'setting % is not in its form', NEW.setting_key
      USING ERRCODE = 'check_violation', DETAIL = fault, HINT = 'See romashka.setting_fault for the forms.';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_setting() FROM PUBLIC;

DO $base$
BEGIN
  IF to_regclass('public.system_settings') IS NULL THEN
    RAISE NOTICE 'table public.system_settings is missing; ROMASHKA goes without settings of the tenant';
    RETURN;
  END IF;
  DROP TRIGGER IF EXISTS romashka_guard_setting ON public.system_settings;
  CREATE TRIGGER romashka_guard_setting BEFORE INSERT OR UPDATE ON public.system_settings
    FOR EACH ROW EXECUTE FUNCTION romashka.guard_setting();
  -- Of other keys the trail takes no value: the app may keep secrets there.
  DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.system_settings;
  CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.system_settings
    FOR EACH ROW WHEN (NEW.setting_key IN ('time_zone', 'business_hours', 'holidays', 'staffing', 'kpi_targets', 'roi', 'detection', 'notifications', 'two_factor_required_roles', 'evidence'))
    EXECUTE FUNCTION romashka.append_to_trail('setting', 'setting_key', 'setting_value');
  DROP TRIGGER IF EXISTS romashka_trail ON public.system_settings;
  CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.system_settings
    FOR EACH ROW WHEN (OLD.setting_key IN ('time_zone', 'business_hours', 'holidays', 'staffing', 'kpi_targets', 'roi', 'detection', 'notifications', 'two_factor_required_roles', 'evidence'))
    EXECUTE FUNCTION romashka.append_to_trail('setting', 'setting_key', 'setting_value');
  DROP TRIGGER IF EXISTS romashka_trail_of_renames ON public.system_settings;
  CREATE TRIGGER romashka_trail_of_renames AFTER UPDATE OF setting_key ON public.system_settings
    FOR EACH ROW WHEN (NEW.setting_key IN ('time_zone', 'business_hours', 'holidays', 'staffing', 'kpi_targets', 'roi', 'detection', 'notifications', 'two_factor_required_roles', 'evidence') AND NEW.setting_key <> OLD.setting_key)
    EXECUTE FUNCTION romashka.append_to_trail('setting', 'setting_key', 'setting_value');
END
$base$;
