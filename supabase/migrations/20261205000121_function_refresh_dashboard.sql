-- Written by `make generate` from functions/refresh_dashboard.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:659d1c25d8ce136064423d2e7918243d230ac08de429ba149f0646d4f7587a76' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.refresh_dashboard(uuid[], boolean)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'refresh_dashboard' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'refresh_dashboard' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.refresh_dashboard(uuid[], boolean)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.refresh_dashboard(uuid[], boolean)
-- Purpose: brings romashka.dashboard_rows up to conversations that have changed, and
--   drops those of more than three days ago.
-- Parameters: the conversations; whether all are to be made anew, as the first time.
-- Who: the owner, as romashka.refresh_kpi() is, which calls it.
CREATE OR REPLACE FUNCTION romashka.refresh_dashboard(ids uuid[], anew boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  oldest CONSTANT timestamptz := pg_catalog.now() - interval '3 days';
  since  CONSTANT timestamptz := (SELECT s.dashboard_since FROM romashka.kpi_state AS s);
BEGIN
  IF anew OR since IS NULL THEN
    DELETE FROM romashka.dashboard_rows;
    INSERT INTO romashka.dashboard_rows SELECT * FROM romashka.read_dashboard_rows(NULL, oldest);
  ELSE
    DELETE FROM romashka.dashboard_rows AS r WHERE r.started_at <= oldest OR r.conversation_id = ANY (ids);
    INSERT INTO romashka.dashboard_rows SELECT * FROM romashka.read_dashboard_rows(ids, oldest) AS r WHERE ids IS NOT NULL;
  END IF;
  UPDATE romashka.kpi_state AS s SET dashboard_since = oldest;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_dashboard(uuid[], boolean) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_dashboard(uuid[], boolean) IS 'Brings the rows of the analytics dashboard up to what has changed';
$text$;
made := to_regprocedure('romashka.refresh_dashboard(uuid[], boolean)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'refresh_dashboard', 'romashka.refresh_dashboard(uuid[], boolean)', wanted, now(), s.definition
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
