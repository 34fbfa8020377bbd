-- Written by `make generate` from functions/kpi_zone.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:42ee0eba5b02ec2ce1e4e089792e05d5d3771b4df966988fbd8600e7803e5ed9' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_zone(text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_zone' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_zone' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_zone(text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_zone(text)
-- Purpose: the zone in which days are counted: the one that is asked for, else the
--   tenant's (system_settings, time_zone), else UTC. One that is asked for and does
--   not exist is an error (22023); one that the tenant set and does not exist is UTC.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_zone(wanted text)
RETURNS text LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  tenant CONSTANT text := romashka.setting('time_zone') #>> '{}';
BEGIN
  PERFORM pg_catalog.now() AT TIME ZONE COALESCE(wanted, tenant, 'UTC');
  RETURN COALESCE(wanted, tenant, 'UTC');
EXCEPTION WHEN invalid_parameter_value THEN
  IF wanted IS NULL THEN
    RETURN 'UTC';
  END IF;
  RAISE EXCEPTION 'time zone "%" is not known', wanted
    USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one as Europe/Berlin or UTC.';
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_zone(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_zone(text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_zone(text) IS 'The zone in which days are counted';
$text$;
made := to_regprocedure('romashka.kpi_zone(text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_zone', 'romashka.kpi_zone(text)', wanted, now(), s.definition
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
