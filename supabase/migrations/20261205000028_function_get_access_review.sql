-- Written by `make generate` from functions/get_access_review.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:6a2f6197f9ed78133824bc14743b755b72c18d58c4092fca1c1b779b14a7c1fc' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_access_review()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_access_review' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_access_review' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_access_review()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_access_review()
-- Purpose: who has which role and permissions: since when, by whom, until when, and
--   when its user was last active. As CSV by Accept: text/csv.
-- Rows: one for each user and role that has not expired. source is "profile" (of
--   profiles.role) or "assignment" (of user_roles); last_used is NULL for who was
--   never seen.
-- Who: roles:read or roles:grant, so admin, security_admin and compliance_admin; 403
--   for others. The body is bound when the function is made, so that the caller needs
--   no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_access_review()
RETURNS TABLE (user_id uuid, email text, role text, source text, permissions text[], granted_at timestamptz,
               granted_by uuid, granted_by_email text, expires_at timestamptz, last_used timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT r.user_id, r.email, r.role, r.source, ARRAY(SELECT DISTINCT p.permission FROM unnest(r.permissions) AS p (permission) ORDER BY p.permission),
         r.granted_at, r.granted_by, r.granted_by_email, r.expires_at, r.last_used
  FROM romashka.access_review() AS r;
END;
REVOKE ALL ON FUNCTION public.get_access_review() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_access_review() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_access_review() IS 'Who has which role and permissions, since when, by whom and until when';
$text$;
made := to_regprocedure('public.get_access_review()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_access_review', 'public.get_access_review()', wanted, now(), s.definition
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
