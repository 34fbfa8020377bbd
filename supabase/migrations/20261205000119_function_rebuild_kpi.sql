-- Written by `make generate` from functions/rebuild_kpi.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d4de7be4acba4635d32a2fbfc183baaa49ad41cb942eb590c7b457df660000b8' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.rebuild_kpi()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'rebuild_kpi' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'rebuild_kpi' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.rebuild_kpi()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.rebuild_kpi()
-- Purpose: the job kpi from scratch, for `romashka jobs run kpi --rebuild`, see
--   refresh_kpi. It gives the bytes that the job gives by going on.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.rebuild_kpi(OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  SELECT r.done || ' conversations', r.more INTO result, more FROM romashka.refresh_kpi(true) AS r;
  IF more THEN -- changes are noted from this run's end on; all rows are read by the next
    UPDATE romashka.kpi_state AS s SET ready = false WHERE s.ready;
    result := 'changes are noted from now on; the next run reads all rows';
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.rebuild_kpi() FROM PUBLIC;
COMMENT ON FUNCTION romashka.rebuild_kpi() IS 'The job kpi from scratch';
$text$;
made := to_regprocedure('romashka.rebuild_kpi()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'rebuild_kpi', 'romashka.rebuild_kpi()', wanted, now(), s.definition
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
