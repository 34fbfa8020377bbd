-- Written by `make generate` from functions/kpi_pieces.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:128b889e8127624390befdba98afbb9c530738f97d3878853559bd0349eee64e' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_pieces(timestamp with time zone[], text, integer, boolean, boolean)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_pieces' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_pieces' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_pieces(timestamp with time zone[], text, integer, boolean, boolean)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_pieces(timestamp with time zone[], text, integer, boolean, boolean)
-- Purpose: cuts each of the ranges between two edges into days and hours that have
--   cells, and the pieces left at their ends.
-- Parameters: the edges, ascending; the zone of the day cells; the minutes after the
--   full hour at which hour cells begin; whether days may be used, and hours.
-- Rows: slot (1 is the range from the first edge), kind (d days, h hours, f facts),
--   the half-open range.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_pieces(edges timestamptz[], zone text, minutes integer, days boolean, hours boolean)
RETURNS TABLE (slot integer, kind "char", lo timestamptz, hi timestamptz)
LANGUAGE plpgsql STABLE SECURITY INVOKER ROWS 5 SET search_path = '' SET plan_cache_mode = 'force_generic_plan' AS $$ -- of plpgsql a session keeps the plan, of SQL each call makes it anew
BEGIN
  RETURN QUERY
  WITH ranges AS MATERIALIZED ( -- each end is computed once, not wherever it is named
    SELECT i AS n, edges[i] AS a, edges[i + 1] AS b, -- no day is shorter than 23 hours: slots of hours need no look at the zone
           CASE WHEN edges[i + 1] - edges[i] < interval '23 hours' THEN edges[i + 1]
                WHEN romashka.kpi_midnight((edges[i] AT TIME ZONE zone)::date, zone) = edges[i] THEN edges[i]
                ELSE romashka.kpi_midnight((edges[i] AT TIME ZONE zone)::date + 1, zone) END AS first_day,
           CASE WHEN edges[i + 1] - edges[i] < interval '23 hours' THEN edges[i]
                ELSE romashka.kpi_midnight((edges[i + 1] AT TIME ZONE zone)::date, zone) END AS last_day
    FROM pg_catalog.generate_series(1, pg_catalog.cardinality(edges) - 1) AS g (i)
  ), cut AS MATERIALIZED (
    SELECT r.n, p.whole, p.lo, p.hi,
           pg_catalog.date_bin('1 hour', p.lo + interval '3599.999999 s', timestamptz '2000-01-01 00:00+00' + minutes * interval '1 minute') AS first_hour,
           pg_catalog.date_bin('1 hour', p.hi, timestamptz '2000-01-01 00:00+00' + minutes * interval '1 minute') AS last_hour
    FROM ranges AS r
    CROSS JOIN LATERAL (
      SELECT days AND r.first_day < r.last_day AS yes
    ) AS d
    CROSS JOIN LATERAL (VALUES
      (true,  CASE WHEN d.yes THEN r.first_day END, r.last_day),
      (false, r.a, CASE WHEN d.yes THEN r.first_day ELSE r.b END),
      (false, CASE WHEN d.yes THEN r.last_day END, r.b)
    ) AS p (whole, lo, hi)
    WHERE p.lo < p.hi
  )
  SELECT c.n, p.kind::"char", p.lo, p.hi
  FROM cut AS c
  CROSS JOIN LATERAL (
    SELECT hours AND c.first_hour < c.last_hour AS yes
  ) AS h
  CROSS JOIN LATERAL (VALUES
    ('d', CASE WHEN c.whole THEN c.lo END, c.hi),
    ('h', CASE WHEN NOT c.whole AND h.yes THEN c.first_hour END, c.last_hour),
    ('f', CASE WHEN NOT c.whole THEN c.lo END, CASE WHEN h.yes THEN c.first_hour ELSE c.hi END),
    ('f', CASE WHEN NOT c.whole AND h.yes THEN c.last_hour END, c.hi)
  ) AS p (kind, lo, hi)
  WHERE p.lo < p.hi;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_pieces(timestamptz[], text, integer, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_pieces(timestamptz[], text, integer, boolean, boolean) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_pieces(timestamptz[], text, integer, boolean, boolean) IS 'Cuts ranges into days, hours and ends';
$text$;
made := to_regprocedure('romashka.kpi_pieces(timestamp with time zone[], text, integer, boolean, boolean)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_pieces', 'romashka.kpi_pieces(timestamp with time zone[], text, integer, boolean, boolean)', wanted, now(), s.definition
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
