-- Written by `make generate` from functions/end_other_sessions.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a33402fefb5684cde9ee3ab3dd216e635a609dfe7846d694e6071589daaac149' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.end_other_sessions()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'end_other_sessions' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'end_other_sessions' AND p.oid IS DISTINCT FROM to_regprocedure('public.end_other_sessions()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.end_other_sessions()
-- Ends all sessions of the caller but the one that he asks with. Their tokens are
-- refused within seconds. Returns how many. The body is bound when the function
-- is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.end_other_sessions()
RETURNS integer LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.sign_out_others();
END;
REVOKE ALL ON FUNCTION public.end_other_sessions() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_other_sessions() TO authenticated, service_role;
COMMENT ON FUNCTION public.end_other_sessions() IS 'Ends all sessions of the caller but the one that asks';
$text$;
made := to_regprocedure('public.end_other_sessions()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'end_other_sessions', 'public.end_other_sessions()', wanted, now(), s.definition
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
