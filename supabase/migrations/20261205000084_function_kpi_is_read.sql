-- Written by `make generate` from functions/kpi_is_read.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:5a8b5f33c34a8fe16453c4042159c22799145395fe1a3dad27cab989df731cc8' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_is_read()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_is_read' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_is_read' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_is_read()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_is_read()
-- Purpose: whether changes are noted, and a job has read them in the last two hours
--   (it says so once an hour). Otherwise the kept figures may be out of date.
-- Who: signed-in users; it tells nothing of any row.
CREATE OR REPLACE FUNCTION romashka.kpi_is_read()
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM romashka.queues AS q WHERE q.name = 'kpi' AND q.noting AND q.filled AND q.read_at > pg_catalog.now() - interval '2 hours')
$$;

REVOKE ALL ON FUNCTION romashka.kpi_is_read() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_is_read() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_is_read() IS 'Whether a job reads the changes of figures';
$text$;
made := to_regprocedure('romashka.kpi_is_read()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_is_read', 'romashka.kpi_is_read()', wanted, now(), s.definition
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
