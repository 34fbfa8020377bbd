-- Written by `make generate` from functions/get_compliance_declarations.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:09758dda125e1b3602d967341ca80ede25d741b1a9aee8ea5e14ea120550a7ed' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_compliance_declarations()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_compliance_declarations' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_compliance_declarations' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_compliance_declarations()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_compliance_declarations()
-- Purpose: the declarations of people on matters that no database can show, and the
--   findings that they accept.
-- Rows: kind evidence (name: backup, contract, ...) or waiver (name: the check, object:
--   the part of it, * for all), the statement, by whom, valid_until (the last day,
--   NULL: without end; a past one counts no more). Waivers that were ended are left out.
-- Who: admin, compliance_admin and service_role; others get no row. The body is bound
--   when the function is made, so that the caller needs no right to look names up in
--   schema romashka.
CREATE OR REPLACE FUNCTION public.get_compliance_declarations()
RETURNS TABLE (kind text, name text, object text, said text, owner text, valid_until date, created_at timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT d.kind, d.name, d.object, d.said, d.owner, d.valid_until, d.created_at FROM romashka.declared_for_admin() AS d;
END;

REVOKE ALL ON FUNCTION public.get_compliance_declarations() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_compliance_declarations() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_compliance_declarations() IS 'Declared evidence and accepted findings';
$text$;
made := to_regprocedure('public.get_compliance_declarations()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_compliance_declarations', 'public.get_compliance_declarations()', wanted, now(), s.definition
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
