-- Written by `make generate` from functions/block_address.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:796796e10fd0cafcf4730a469c292af887a35e58ae006cd8bd7dcb4987bb283b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.block_address(inet, integer, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'block_address' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'block_address' AND p.oid IS DISTINCT FROM to_regprocedure('public.block_address(inet, integer, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.block_address(inet, integer, text)
-- Refuses an address or a network for a time: its requests get 403 ROM403 from
-- every sidecar within seconds, but for those of the allow-list and of the
-- service role. One that is refused already is refused for the new time.
-- Parameters: cidr, an address or network; minutes; reason.
-- Result: until when.
-- Who: admin, security_admin and service_role. The body is bound when the function
--   is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.block_address(cidr inet, minutes integer, reason text DEFAULT '')
RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.block_by_admin(block_address.cidr, block_address.minutes, block_address.reason);
END;
REVOKE ALL ON FUNCTION public.block_address(inet, integer, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.block_address(inet, integer, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.block_address(inet, integer, text) IS 'Refuses an address or network for a time';
$text$;
made := to_regprocedure('public.block_address(inet, integer, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'block_address', 'public.block_address(inet, integer, text)', wanted, now(), s.definition
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
