-- Written by `make generate` from functions/is_number.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:78df445f90041a97f04c1d70393f7f30556385cd8ad844c3e98ffa4d7c6c104b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.is_number(jsonb, numeric, numeric)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'is_number' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'is_number' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.is_number(jsonb, numeric, numeric)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.is_number(jsonb, numeric, numeric)
-- Purpose: reports whether a JSON value is a number between two others, both
--   included; NULL is no bound.
-- Who: the owner, by way of setting_fault; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.is_number(value jsonb, least_value numeric, most_value numeric)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN pg_catalog.jsonb_typeof(value) = 'number'
    THEN COALESCE(value::numeric >= least_value, true) AND COALESCE(value::numeric <= most_value, true)
    ELSE false END
$$;

REVOKE ALL ON FUNCTION romashka.is_number(jsonb, numeric, numeric) FROM PUBLIC;
COMMENT ON FUNCTION romashka.is_number(jsonb, numeric, numeric) IS 'Whether a JSON value is a number between two others';
$text$;
made := to_regprocedure('romashka.is_number(jsonb, numeric, numeric)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'is_number', 'romashka.is_number(jsonb, numeric, numeric)', wanted, now(), s.definition
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
