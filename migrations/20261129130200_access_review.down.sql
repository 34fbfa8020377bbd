-- As it was before.
CREATE OR REPLACE FUNCTION romashka.second_factor_passed()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
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
DO $base$
BEGIN
  IF to_regclass('public.system_settings') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_trail_of_asking_changes ON public.system_settings;
    DROP TRIGGER IF EXISTS romashka_trail_of_asking ON public.system_settings;
  END IF;
  IF to_regclass('public.export_jobs') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_ask_again ON public.export_jobs;
  END IF;
  IF to_regclass('public.customer_profiles') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_ask_again ON public.customer_profiles;
  END IF;
END
$base$;
DROP TRIGGER IF EXISTS romashka_ask_again ON public.data_subject_requests;
DROP FUNCTION IF EXISTS romashka.ask_again_of();
DROP FUNCTION IF EXISTS public.get_access_review();
DROP FUNCTION IF EXISTS public.confirm_access_review(text);
DROP FUNCTION IF EXISTS romashka.confirm_review(text);
DROP FUNCTION IF EXISTS romashka.access_review();
DROP FUNCTION IF EXISTS romashka.may_review();
