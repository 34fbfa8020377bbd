-- Written by `make generate` from functions/kpi_cube.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:0c748d86c57e9fe495bbded0682ea202c6264815761ca3ffd5077f1ef6576632' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_cube(text, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_cube' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_cube' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_cube(text, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_cube(text, text[])
-- Purpose: the level of romashka.kpi_cubes that answers a question.
-- Parameters: by_level and filters as those of romashka.kpi_sums.
-- Returns: NULL where it takes two of agent, topic, tag and reason.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_cube(by_level text, filters text[])
RETURNS text LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT CASE WHEN count(DISTINCT n.level) = 0 THEN 'all' WHEN count(DISTINCT n.level) = 1 THEN min(n.level) END
  FROM (VALUES (CASE WHEN by_level IN ('agent', 'topic', 'tag', 'reason') THEN by_level END),
    (CASE WHEN filters[3] IS NOT NULL THEN 'agent' END), (CASE WHEN filters[6] IS NOT NULL THEN 'topic' END)) AS n (level)
$$;

REVOKE ALL ON FUNCTION romashka.kpi_cube(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_cube(text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_cube(text, text[]) IS 'The level of cubes that answers a question';
$text$;
made := to_regprocedure('romashka.kpi_cube(text, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_cube', 'romashka.kpi_cube(text, text[])', wanted, now(), s.definition
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
