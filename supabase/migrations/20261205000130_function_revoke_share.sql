-- Written by `make generate` from functions/revoke_share.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:62d565e8d4c0006f4d3d4e06fb7a10ce8c1a9abe6aa78e8525c0684c7b1bf404' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.revoke_share(uuid)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'revoke_share' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'revoke_share' AND p.oid IS DISTINCT FROM to_regprocedure('public.revoke_share(uuid)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.revoke_share(uuid)
-- Purpose: ends a share at once; of an export its file goes, of a report it is no
--   longer active.
-- Result: whether it was in force. 404 for one that the caller may not end.
-- Who: its user, security:write and service_role. The body is bound when the function
--   is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.revoke_share(id uuid)
RETURNS boolean LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.end_share(revoke_share.id);
END;

REVOKE ALL ON FUNCTION public.revoke_share(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.revoke_share(uuid) TO authenticated, service_role;
COMMENT ON FUNCTION public.revoke_share(uuid) IS 'Ends an embedded chart, a mailed page, a report or an export';
$text$;
made := to_regprocedure('public.revoke_share(uuid)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'revoke_share', 'public.revoke_share(uuid)', wanted, now(), s.definition
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
