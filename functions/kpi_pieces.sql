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
