-- Written by `make generate` from functions/kpi_combinations.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:ef46473d8960dd4eef60291fc9ffe75e529a90568c9a802273ee769d9e1e6b6c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_combinations' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_combinations' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])
-- Purpose: the combinations of channel, team, priority and language that filters leave of
--   those that occur in a half-open range, as the indexes of romashka.kpi_cubes and
--   romashka.kpi_facts have them. A few more may be among them.
-- Parameters: the range; filters as those of romashka.kpi_sums.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_combinations(from_at timestamptz, to_at timestamptz, filters text[])
RETURNS bigint[] LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' AS $$
  SELECT pg_catalog.array_agg(DISTINCT f.combination)
  FROM romashka.kpi_cubes AS f
  WHERE f.level = 'all' AND f.value = '' AND f.bucket > from_at - interval '2 days' AND f.bucket < to_at
    AND (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
    AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5])
$$;

REVOKE ALL ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_combinations(timestamptz, timestamptz, text[]) IS 'The combinations of channel, team, priority and language that filters leave';
$text$;
made := to_regprocedure('romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_combinations', 'romashka.kpi_combinations(timestamp with time zone, timestamp with time zone, text[])', wanted, now(), s.definition
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
