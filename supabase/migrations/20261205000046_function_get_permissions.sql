-- Written by `make generate` from functions/get_permissions.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:2f759e91dc436bec622b515c9a4fb613b1f5e99919306cdaab25d2a4d945ca36' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_permissions()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_permissions' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_permissions' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_permissions()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_permissions()
-- Purpose: the permissions that the caller has at this moment, by profiles.role and by
--   roles that have not expired, for pages to show his rights; policies decide.
-- Gives: names of romashka.permissions in order, as a JSON array; [] for who has none.
-- Who: signed-in users; a server key has none of its own. The body is bound when the
--   function is made, so that the caller needs no right to look names up in schema
--   romashka.
CREATE OR REPLACE FUNCTION public.get_permissions()
RETURNS text[] LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.own_permissions();
END;
REVOKE ALL ON FUNCTION public.get_permissions() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_permissions() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_permissions() IS 'The permissions that the caller has at this moment';
$text$;
made := to_regprocedure('public.get_permissions()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_permissions', 'public.get_permissions()', wanted, now(), s.definition
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
