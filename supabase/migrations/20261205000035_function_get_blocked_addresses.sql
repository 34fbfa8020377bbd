-- Written by `make generate` from functions/get_blocked_addresses.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e441959abf158bc9455cd5d4770dc85e04ef2d89aa292f5167e03748d5704b5f' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_blocked_addresses()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_blocked_addresses' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_blocked_addresses' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_blocked_addresses()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_blocked_addresses()
-- Purpose: the addresses and networks that are refused, longest first.
-- Rows: network, since and until when, reason, incident_id that set it off.
-- Who: security:read or security:write, so admin and security_admin, and service_role;
--   others get no row. The body is bound when the function is made, so that the
--   caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_blocked_addresses()
RETURNS TABLE (network cidr, blocked_at timestamptz, blocked_until timestamptz, reason text, incident_id uuid)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT b.network, b.blocked_at, b.blocked_until, b.reason, b.incident_id FROM romashka.blocked_for_admin() AS b;
END;

REVOKE ALL ON FUNCTION public.get_blocked_addresses() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_blocked_addresses() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_blocked_addresses() IS 'The addresses and networks that are refused';
$text$;
made := to_regprocedure('public.get_blocked_addresses()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_blocked_addresses', 'public.get_blocked_addresses()', wanted, now(), s.definition
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
