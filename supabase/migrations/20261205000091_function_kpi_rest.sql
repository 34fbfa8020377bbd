-- Written by `make generate` from functions/kpi_rest.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:50c704710c8ad8117270924f832769b8ff7b27078b17d12de6f5158c5c0a5aab' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_rest' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_rest' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)
-- Purpose: what romashka.kpi_pieces leaves to facts between the first edge and the last,
--   with neighbours made one: each is a look into an index.
-- Parameters: as those of kpi_pieces; whether days may be used. Hours are not.
-- Rows: half-open ranges.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_rest(edges timestamptz[], zone text, minutes integer, days boolean)
RETURNS TABLE (lo timestamptz, hi timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER ROWS 5 SET search_path = '' AS $$
  SELECT min(r.lo), max(r.hi)
  FROM (SELECT n.lo, n.hi, sum(n.apart) OVER (ORDER BY n.lo) AS place
        FROM (SELECT p.lo, p.hi, CASE WHEN pg_catalog.lag(p.hi) OVER (ORDER BY p.lo) = p.lo THEN 0 ELSE 1 END AS apart
              FROM romashka.kpi_pieces(edges, zone, minutes, days, false) AS p WHERE p.kind = 'f') AS n) AS r
  GROUP BY r.place
$$;

REVOKE ALL ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_rest(timestamptz[], text, integer, boolean) IS 'What days leave to facts';
$text$;
made := to_regprocedure('romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_rest', 'romashka.kpi_rest(timestamp with time zone[], text, integer, boolean)', wanted, now(), s.definition
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
