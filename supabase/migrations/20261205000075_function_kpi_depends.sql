-- Written by `make generate` from functions/kpi_depends.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:ddf98781a8325f8255a489736b03dcfaadf41d52b3c99bdd43be4ea66fbae193' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_depends()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_depends' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_depends' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_depends()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_depends()
-- Purpose: what facts of conversations are made by beside their rows: the zone, business
--   hours, holidays and targets, and the number of the way they are made in, which grows
--   when it changes. What is kept holds while this is as it was then.
-- Returns: 32 hexadecimal digits.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_depends()
RETURNS text LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  holidays CONSTANT jsonb := romashka.setting('holidays');
BEGIN
  RETURN pg_catalog.md5(pg_catalog.jsonb_build_array(3, romashka.kpi_zone(NULL), romashka.setting('business_hours'),
    CASE pg_catalog.jsonb_typeof(holidays) WHEN 'object' THEN holidays - 'campaigns' ELSE holidays END, romashka.setting('kpi_targets'))::text);
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_depends() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_depends() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_depends() IS 'What kept facts of conversations rest on beside their rows';
$text$;
made := to_regprocedure('romashka.kpi_depends()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_depends', 'romashka.kpi_depends()', wanted, now(), s.definition
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
