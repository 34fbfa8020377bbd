-- Written by `make generate` from functions/kpi_bin.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:94a898480f0b03cb436bdeecf73e17b4420a7cad635a3de8f2110b47045f51eb' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_bin(bigint)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_bin' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_bin' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_bin(bigint)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_bin(bigint)
-- Purpose: the histogram's bin of a wait. Bin 0 is no wait; bin i > 0 holds waits
--   over g ^ (i - 2) and up to g ^ (i - 1) milliseconds, g = 1.02 / 0.98, so that the
--   middle of a bin (romashka.kpi_bin_wait) is within 2 % of all in it.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_bin(wait bigint)
RETURNS smallint LANGUAGE sql IMMUTABLE STRICT SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN wait <= 0 THEN 0 ELSE 1 + pg_catalog.ceil(pg_catalog.ln(wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)) END::smallint
$$;

REVOKE ALL ON FUNCTION romashka.kpi_bin(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_bin(bigint) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_bin(bigint) IS 'The bin of a wait';
$text$;
made := to_regprocedure('romashka.kpi_bin(bigint)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_bin', 'romashka.kpi_bin(bigint)', wanted, now(), s.definition
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
