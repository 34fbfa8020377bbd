-- Written by `make generate` from functions/two_factor_reset.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a292b2d02fbc04a44270d33f1cccb9292b330eca6e0d71815a9e9eb5348adb4f' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.two_factor_reset(uuid, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'two_factor_reset' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'two_factor_reset' AND p.oid IS DISTINCT FROM to_regprocedure('public.two_factor_reset(uuid, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.two_factor_reset(uuid, text)
-- Purpose: an admin takes from another user all factors.
--   The sidecar answers it before the database is asked, since the database has no
--   key and sends nothing: this text describes it, and refuses where no sidecar is.
-- Who: signed-in users.
CREATE OR REPLACE FUNCTION public.two_factor_reset(user_id uuid, reason text)
RETURNS json LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = '{"code":"ROM445","message":"Second factors are not set up here.","details":null,"hint":"The ROMASHKA sidecar answers this call, with romashka-db-background-uri (ROMASHKA_DB_BACKGROUND_URI) set: send it there."}',
    DETAIL = '{"status":501,"headers":{}}';
END
$$;

REVOKE ALL ON FUNCTION public.two_factor_reset(uuid, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.two_factor_reset(uuid, text) TO authenticated;
COMMENT ON FUNCTION public.two_factor_reset(uuid, text) IS 'Removes all second factors of another user, with a reason; for admins who have just shown their own.';
$text$;
made := to_regprocedure('public.two_factor_reset(uuid, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'two_factor_reset', 'public.two_factor_reset(uuid, text)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
