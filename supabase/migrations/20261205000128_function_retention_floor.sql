-- Written by `make generate` from functions/retention_floor.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:07828499ca043ae85e2aba032ba9f43b1d0dcd50179b03a471d315a1a32abd5a' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.retention_floor(text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'retention_floor' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'retention_floor' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.retention_floor(text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.retention_floor(text)
-- Purpose: days for which a category of data_retention_policies is kept at least,
--   whatever its row says.
-- Parameters: the category.
-- Rows: one number. The API log has the seed's 30 days and sessions its 90; evidence that
--   an audit asks for is kept for a year; other rows for a day.
-- Who: the owner, by way of cleanup_old_analytics_data() and the trigger on
--   data_retention_policies; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.retention_floor(category text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE
    WHEN category = 'api_security_logs' THEN 30
    WHEN category IN ('session_data', 'security_alerts') THEN 90
    WHEN category IN ('security_incidents', 'compliance_results', 'security_audit_logs', 'audit_logs') THEN 365
    ELSE 1
  END
$$;

REVOKE ALL ON FUNCTION romashka.retention_floor(text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.retention_floor(text) IS 'Days for which a category of data is kept at least';
$text$;
made := to_regprocedure('romashka.retention_floor(text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'retention_floor', 'romashka.retention_floor(text)', wanted, now(), s.definition
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
