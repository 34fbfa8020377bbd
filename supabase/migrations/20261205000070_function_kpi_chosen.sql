-- Written by `make generate` from functions/kpi_chosen.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d1910ceea327caec4eded78a0b2a10de0e1fc3355473a04ac2444524f92fc3d5' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_chosen(text[], text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_chosen' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_chosen' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_chosen(text[], text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_chosen(text[], text[])
-- Purpose: the figures that are asked for, or else the usual ones.
-- Returns: names of romashka.kpi_catalogue; 22023 for one that is not there.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_chosen(asked text[], usual text[])
RETURNS text[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  unknown CONSTANT text := (SELECT a.name FROM unnest(asked) AS a (name)
                            WHERE a.name IS NULL OR a.name NOT IN (SELECT c.figure FROM romashka.kpi_catalogue() AS c) LIMIT 1);
BEGIN
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'no figure is called "%"', unknown USING ERRCODE = 'invalid_parameter_value', HINT = 'get_executive_dashboard gives every figure by its name.';
  END IF;
  RETURN COALESCE(asked, usual, ARRAY(SELECT c.figure FROM romashka.kpi_catalogue() AS c WHERE c.kind <> 'none'));
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_chosen(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_chosen(text[], text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_chosen(text[], text[]) IS 'The figures that are asked for';
$text$;
made := to_regprocedure('romashka.kpi_chosen(text[], text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_chosen', 'romashka.kpi_chosen(text[], text[])', wanted, now(), s.definition
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
