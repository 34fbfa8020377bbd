-- Written by `make generate` from migrations/20261203002100_second_factor_headers.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261203002100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Each statement on our tables asks second_factor_passed, an UPDATE twice, and of the
-- 10 microseconds that it takes where no factor is required, three went into making a
-- kilobyte of headers lower case by the rules of a language. A media type is ASCII.
CREATE OR REPLACE FUNCTION romashka.second_factor_passed()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF current_setting('request.headers', true) COLLATE "C" ILIKE '%text/csv%' AND current_setting('request.headers', true)::jsonb ->> 'accept' ILIKE '%text/csv%' THEN
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
VALUES (20261203002100, 'second_factor_headers', '3230c520fd9a73d2ffbe3f6c54a806e0150e2665d8bd6f44719aea6e829db900', now());
END
$romashka$;
