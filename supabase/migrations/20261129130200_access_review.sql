-- Written by `make generate` from migrations/20261129130200_access_review.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129130200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Nobody could see who has which permissions since when and by whom, and nothing
-- said that anybody had looked. romashka.access_review lists it; a confirmed review
-- is a line of security_audit_logs in the database's own name.
CREATE OR REPLACE FUNCTION romashka.may_review()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_any_permission('roles:read', 'roles:grant') AND romashka.second_factor_passed()) THEN
    RAISE EXCEPTION 'The access review needs the permission roles:read' USING ERRCODE = 'PT403';
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION romashka.may_review() FROM PUBLIC;

-- One row for each user and role. What profiles.role gives stands in user_roles too;
-- that is one row, with source "profile".
CREATE OR REPLACE FUNCTION romashka.access_review()
RETURNS TABLE (user_id uuid, email text, role text, source text, permissions text[], granted_at timestamptz,
               granted_by uuid, granted_by_email text, expires_at timestamptz, last_used timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM romashka.may_review();
  RETURN QUERY
  SELECT g.user_id, p.email::text, g.role, g.source, g.permissions, g.granted_at, g.granted_by, b.email::text, g.expires_at,
         (SELECT max(s.last_activity) FROM public.security_sessions AS s WHERE s.user_id = g.user_id)
  FROM (
    SELECT u.user_id, r.name AS role, CASE WHEN r.name = o.role THEN 'profile' ELSE 'assignment' END AS source,
           romashka.role_entries(r.name, r.permissions, r.is_system_role) AS permissions, u.assigned_at AS granted_at, u.assigned_by AS granted_by,
           CASE WHEN r.name IS DISTINCT FROM o.role THEN u.expires_at END AS expires_at
    FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id JOIN public.profiles AS o ON o.id = u.user_id
    WHERE u.expires_at IS NULL OR u.expires_at > now() OR r.name = o.role
    UNION ALL
    SELECT o.id, o.role::text, 'profile', w.permissions, NULL, NULL, NULL
    FROM public.profiles AS o JOIN romashka.builtin_roles AS w ON w.name = o.role
    WHERE NOT EXISTS (SELECT FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id WHERE u.user_id = o.id AND r.name = o.role)
  ) AS g
  JOIN public.profiles AS p ON p.id = g.user_id
  LEFT JOIN public.profiles AS b ON b.id = g.granted_by
  ORDER BY p.email, g.user_id, g.role;
END
$$;
REVOKE ALL ON FUNCTION romashka.access_review() FROM PUBLIC;

CREATE OR REPLACE FUNCTION romashka.confirm_review(note text)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  at CONSTANT timestamptz := now();
BEGIN
  PERFORM romashka.may_review();
  INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, action, additional_context, source)
  VALUES ('access_review', (SELECT auth.uid()), 'user_roles', 'review',
          jsonb_build_object('note', left(COALESCE(note, ''), 2000), 'assignments', (SELECT count(*) FROM public.user_roles)), 'database');
  RETURN at;
END
$$;
REVOKE ALL ON FUNCTION romashka.confirm_review(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.access_review(), romashka.confirm_review(text) TO authenticated, service_role;

-- ask_again_of asks for a fresh second factor before a statement on a table of the
-- base, or before a row that ends an erasure.
CREATE OR REPLACE FUNCTION romashka.ask_again_of()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM romashka.ask_again(TG_ARGV[0]);
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
REVOKE ALL ON FUNCTION romashka.ask_again_of() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_ask_again ON public.data_subject_requests;
CREATE TRIGGER romashka_ask_again BEFORE UPDATE OF status ON public.data_subject_requests
  FOR EACH ROW WHEN (OLD.request_type = 'erasure' AND NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION romashka.ask_again_of('erasure');

DO $base$
BEGIN
  IF to_regclass('public.customer_profiles') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_ask_again ON public.customer_profiles;
    CREATE TRIGGER romashka_ask_again BEFORE DELETE ON public.customer_profiles
      FOR EACH STATEMENT EXECUTE FUNCTION romashka.ask_again_of('erasure');
  END IF;
  IF to_regclass('public.export_jobs') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_ask_again ON public.export_jobs;
    CREATE TRIGGER romashka_ask_again BEFORE INSERT ON public.export_jobs
      FOR EACH STATEMENT EXECUTE FUNCTION romashka.ask_again_of('exports');
  END IF;
  IF to_regclass('public.system_settings') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_trail_of_asking ON public.system_settings;
    CREATE TRIGGER romashka_trail_of_asking AFTER INSERT ON public.system_settings
      FOR EACH ROW WHEN (NEW.setting_key = 'two_factor_ask_again') EXECUTE FUNCTION romashka.append_to_trail('setting', 'setting_key', 'setting_value');
    DROP TRIGGER IF EXISTS romashka_trail_of_asking_changes ON public.system_settings;
    CREATE TRIGGER romashka_trail_of_asking_changes AFTER UPDATE OR DELETE ON public.system_settings
      FOR EACH ROW WHEN (OLD.setting_key = 'two_factor_ask_again') EXECUTE FUNCTION romashka.append_to_trail('setting', 'setting_key', 'setting_value');
  END IF;
END
$base$;

-- second_factor_passed is asked by every statement on our tables, so that a table
-- as CSV, which is an export, can ask for a fresh factor there.
CREATE OR REPLACE FUNCTION romashka.second_factor_passed()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF current_setting('request.headers', true) ILIKE '%text/csv%' AND current_setting('request.headers', true)::jsonb ->> 'accept' ILIKE '%text/csv%' THEN
    PERFORM romashka.ask_again('exports');
  END IF;
  IF to_regclass('public.system_settings') IS NULL OR NOT EXISTS (
    SELECT FROM public.system_settings AS s
    WHERE s.setting_key = 'two_factor_required_roles' AND s.setting_value NOT IN ('[]', 'null')) THEN
    RETURN true;
  END IF;
  IF NOT romashka.second_factor_required() OR romashka.session_verified() THEN
    RETURN true;
  END IF;
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = json_build_object(
      'code', 'ROM440', 'message', 'A second factor is required.',
      'details', 'The role of this user requires a second factor, and none was shown in this session.',
      'hint', 'Call rpc/two_factor_status for the factors there are, rpc/two_factor_verify with a code of one; '
           || 'where there is none yet, rpc/two_factor_enroll and rpc/two_factor_confirm.')::text,
    DETAIL = '{"status":403,"headers":{}}';
END
$$;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129130200, 'access_review', 'dd8ef2dd46bf1d321edf07ef33c81576852a761bbd2f99d7bdfcf930c02072f1', now());
END
$romashka$;
