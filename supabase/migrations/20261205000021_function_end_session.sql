-- Written by `make generate` from functions/end_session.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:f351f266c778231322e36ec397addecc61b4567ecccf1a09e92fbf9a8463aa87' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.end_session(uuid)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'end_session' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'end_session' AND p.oid IS DISTINCT FROM to_regprocedure('public.end_session(uuid)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.end_session(uuid)
-- Ends a session of security_sessions, with the caller's rights: one's own, or,
-- for admin and security_admin, anybody's. Its tokens are refused within seconds.
-- Returns whether it was active. 404 for one that the caller does not see.
CREATE OR REPLACE FUNCTION public.end_session(id uuid)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  UPDATE public.security_sessions AS r
  SET is_active = false, logout_reason = CASE WHEN r.user_id = (SELECT auth.uid()) THEN 'ended by its user' ELSE 'ended by an admin' END
  WHERE r.id = end_session.id AND r.is_active;
  IF FOUND THEN
    RETURN true;
  END IF;
  IF NOT EXISTS (SELECT FROM public.security_sessions AS r WHERE r.id = end_session.id) THEN
    RAISE EXCEPTION 'There is no such session' USING ERRCODE = 'PT404';
  END IF;
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION public.end_session(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_session(uuid) TO authenticated, service_role;
COMMENT ON FUNCTION public.end_session(uuid) IS 'Ends a session: its tokens are refused within seconds';
$text$;
made := to_regprocedure('public.end_session(uuid)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'end_session', 'public.end_session(uuid)', wanted, now(), s.definition
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
