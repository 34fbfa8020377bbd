-- Written by `make generate` from functions/kpi_span.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:8c350b157deee1116af6c7c5c410cb8b12a46f4bbdd3b0c79e685866e83c3d91' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_span(timestamp with time zone, timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_span' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_span' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_span(timestamp with time zone, timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_span(timestamp with time zone, timestamp with time zone)
-- Purpose: how many conversations of a half-open range are kept as facts, whatever is
--   filtered: so many are looked at where they are looked at one by one.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_span(from_at timestamptz, to_at timestamptz)
RETURNS bigint LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' AS $$
  WITH pieces AS MATERIALIZED (
    SELECT p.* FROM romashka.kpi_state AS s CROSS JOIN LATERAL romashka.kpi_pieces(ARRAY[from_at, to_at], s.zone, s.minutes, true, true) AS p
  )
  SELECT COALESCE((SELECT sum(c.conversations) FROM pieces AS p JOIN romashka.kpi_cells AS c ON c.grain = p.kind AND c.bucket >= p.lo AND c.bucket < p.hi
                   WHERE p.kind <> 'f' AND c.level = 'all'), 0)::bigint
    + (SELECT count(*) FROM pieces AS p JOIN romashka.kpi_facts AS f ON f.started_at >= p.lo AND f.started_at < p.hi WHERE p.kind = 'f')
$$;

REVOKE ALL ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_span(timestamptz, timestamptz) IS 'How many conversations a range has';
$text$;
made := to_regprocedure('romashka.kpi_span(timestamp with time zone, timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_span', 'romashka.kpi_span(timestamp with time zone, timestamp with time zone)', wanted, now(), s.definition
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
