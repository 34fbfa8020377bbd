-- Written by `make generate` from functions/kpi_target.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:f86071c9b0d44b8a13c1e6d4f6b08cdc3771892a2785a038a284b0814ff7fcd3' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_target(jsonb, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_target' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_target' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_target(jsonb, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_target(jsonb, text, text)
-- Purpose: a target of system_settings, kpi_targets, for one priority.
-- Parameters: kpi_targets; which target; the priority. {"first_response_seconds":
--   {"urgent": 60, "default": 300}}: the priority's own, else that of default.
-- Returns: milliseconds, NULL where none is set or it is no positive number.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_target(targets jsonb, name text, priority text)
RETURNS bigint LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT (t.seconds::text::numeric * 1000)::bigint
  FROM (SELECT COALESCE(targets -> name -> priority, targets -> name -> 'default') AS seconds) AS t
  WHERE pg_catalog.jsonb_typeof(t.seconds) = 'number' AND t.seconds::text::numeric BETWEEN 0.001 AND 1e9
$$;

REVOKE ALL ON FUNCTION romashka.kpi_target(jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_target(jsonb, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_target(jsonb, text, text) IS 'A target for one priority, in milliseconds';
$text$;
made := to_regprocedure('romashka.kpi_target(jsonb, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_target', 'romashka.kpi_target(jsonb, text, text)', wanted, now(), s.definition
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
