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
