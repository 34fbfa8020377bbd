-- Written by `make generate` from functions/kpi_hours.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:44cac9355dd454c0f596d8297bfa9e5130bfaae090de44a3309ec8dda95acabb' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_hours' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_hours' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)
-- Purpose: the full hours of a zone's clock in a half-open range, with its ends.
-- Returns: edges, ascending; 22023 for a range of more than 800 days.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_hours(lo timestamptz, hi timestamptz, zone text)
RETURNS timestamptz[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  IF hi - lo > interval '800 days' THEN
    RAISE EXCEPTION 'the range from % to % has too many hours', lo, hi
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for 800 days at most.';
  END IF;
  RETURN lo || ARRAY(
    SELECT e.at
    FROM pg_catalog.generate_series(pg_catalog.date_trunc('hour', lo AT TIME ZONE zone) AT TIME ZONE zone - interval '1 hour', hi, interval '30 minutes') AS e (at) -- a clock may change by half an hour
    WHERE e.at > lo AND e.at < hi AND pg_catalog.date_trunc('hour', e.at AT TIME ZONE zone) = e.at AT TIME ZONE zone ORDER BY e.at) || hi;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text) IS 'The full hours in a range';
$text$;
made := to_regprocedure('romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_hours', 'romashka.kpi_hours(timestamp with time zone, timestamp with time zone, text)', wanted, now(), s.definition
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
