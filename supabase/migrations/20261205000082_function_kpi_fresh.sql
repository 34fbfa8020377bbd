-- Written by `make generate` from functions/kpi_fresh.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:eb1bcf5d41ae94ba2b15fa297dfc3464bec13f4ed3cc4319bdacb9db71f0fb81' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fresh' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fresh' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])
-- depends: romashka.kpi_facts
-- Purpose: the facts of changed conversations of a half-open range: those that were
--   handed on, else read.
-- Parameters: the conversations; the range; fresh, as romashka.kpi_waiting gives them.
-- Rows: as romashka.kpi_facts.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_fresh(ids uuid[], from_at timestamptz, to_at timestamptz, fresh romashka.kpi_facts[])
RETURNS SETOF romashka.kpi_facts LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
BEGIN
  IF fresh IS NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_read_facts(ids, from_at, to_at);
  ELSE
    RETURN QUERY SELECT f.* FROM unnest(fresh) AS f WHERE f.started_at >= from_at AND f.started_at < to_at;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_fresh(uuid[], timestamptz, timestamptz, romashka.kpi_facts[]) IS 'The facts of changed conversations';
$text$;
made := to_regprocedure('romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fresh', 'romashka.kpi_fresh(uuid[], timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])', wanted, now(), s.definition
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
