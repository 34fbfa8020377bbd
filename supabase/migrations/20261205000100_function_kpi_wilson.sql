-- Written by `make generate` from functions/kpi_wilson.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4d7a3ae724ed6e896c22f650bf2a1911fefa26ce83e82981671e47daeb23af82' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_wilson(numeric, numeric, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_wilson' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_wilson' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_wilson(numeric, numeric, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_wilson(numeric, numeric, integer)
-- Purpose: an end of Wilson's 95 % interval of a share.
-- Parameters: how many of how many; -1 for the lower end, 1 for the upper.
-- Returns: 0 to 1, NULL of none.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_wilson(hits numeric, n numeric, side integer)
RETURNS numeric LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT LEAST(1, GREATEST(0, (hits + 1.9208 + side * 1.96 * pg_catalog.sqrt(hits * (n - hits) / n + 0.9604)) / (n + 3.8416)))
  WHERE n > 0 AND hits BETWEEN 0 AND n
$$;

REVOKE ALL ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_wilson(numeric, numeric, integer) IS 'An end of the 95 % interval of a share';
$text$;
made := to_regprocedure('romashka.kpi_wilson(numeric, numeric, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_wilson', 'romashka.kpi_wilson(numeric, numeric, integer)', wanted, now(), s.definition
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
