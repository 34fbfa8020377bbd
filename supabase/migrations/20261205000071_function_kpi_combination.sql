-- Written by `make generate` from functions/kpi_combination.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4e28dd7f5746b247bf57496c705513d98f11818ad12f61952ed438b0136608bf' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_combination(text, text, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_combination' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_combination' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_combination(text, text, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_combination(text, text, text, text)
-- Purpose: channel, team, priority and language as one number, by which indexes of
--   romashka.kpi_facts and romashka.kpi_cubes find them.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_combination(channel text, team text, priority text, language text)
RETURNS bigint LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT ('x' || pg_catalog.left(pg_catalog.md5(channel || E'\x1f' || team || E'\x1f' || priority || E'\x1f' || language), 16))::bit(64)::bigint
$$;

REVOKE ALL ON FUNCTION romashka.kpi_combination(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_combination(text, text, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_combination(text, text, text, text) IS 'Channel, team, priority and language as one number';
$text$;
made := to_regprocedure('romashka.kpi_combination(text, text, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_combination', 'romashka.kpi_combination(text, text, text, text)', wanted, now(), s.definition
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
