-- Written by `make generate` from functions/kpi_midnight.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:f5f3114a67602d9905b75d97e66276b8209f8e2c959727ac2b8fcdd7584e1490' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_midnight(date, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_midnight' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_midnight' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_midnight(date, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_midnight(date, text)
-- Purpose: the beginning of a day in a zone. Where clocks go back over midnight (Havana,
--   the Azores) it comes twice, and the day begins with the first; PostgreSQL takes
--   the second.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_midnight(day date, zone text)
RETURNS timestamptz LANGUAGE sql STABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN ((d.at - interval '1 hour') AT TIME ZONE zone)::date = day THEN d.at - interval '1 hour' ELSE d.at END
  FROM (SELECT day::timestamp AT TIME ZONE zone AS at) AS d
$$;

REVOKE ALL ON FUNCTION romashka.kpi_midnight(date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_midnight(date, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_midnight(date, text) IS 'The beginning of a day in a zone';
$text$;
made := to_regprocedure('romashka.kpi_midnight(date, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_midnight', 'romashka.kpi_midnight(date, text)', wanted, now(), s.definition
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
