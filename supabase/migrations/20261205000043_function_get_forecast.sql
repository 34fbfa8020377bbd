-- Written by `make generate` from functions/get_forecast.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:69c07d36ff2d315a544a69e5edc7952b36347ab9d030e0d7088eeb7ae66ed605' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_forecast(text, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_forecast' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_forecast' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_forecast(text, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_forecast(text, integer)
-- Purpose: the newest forecast of a metric, with the grounds it rests on.
-- Parameters: metric volume (conversations a day), satisfaction (mean rating of a
--   week), performance (share of a week that the AI resolved) or staffing (largest
--   roster of a day); days, so many of them, from today on by the tenant's clock.
--   Another metric, or no day, is 22023.
-- Rows: one for each day (of satisfaction and performance: each week, by its
--   Monday), with 80 and 95 % intervals. Where there is no forecast, one row
--   without date and value: status and reason say why ("out_of_date": the last one
--   is so old that all of its days are over). accuracy is that of the
--   back-test, NULL where it could not be measured; ceiling is the best that
--   anybody could reach. details: period, counts, outliers, the actual counts since.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_forecast(metric text DEFAULT 'volume', days integer DEFAULT 30)
RETURNS TABLE (
  date date, value numeric, lo80 numeric, hi80 numeric, lo95 numeric, hi95 numeric,
  status text, reason text, method text, accuracy numeric, coverage80 numeric, coverage95 numeric, origins integer,
  mean_volume numeric, ceiling numeric, target_reachable boolean, totals jsonb,
  zone text, origin date, computed_at timestamptz, details jsonb
)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
  IF COALESCE(get_forecast.metric NOT IN ('volume', 'satisfaction', 'performance', 'staffing'), true) THEN
    RAISE EXCEPTION 'there is no forecast of "%"', pg_catalog.left(get_forecast.metric, 60) USING ERRCODE = 'invalid_parameter_value',
      HINT = 'want volume, satisfaction, performance or staffing';
  ELSIF get_forecast.days < 1 THEN
    RAISE EXCEPTION 'days is %', get_forecast.days USING ERRCODE = 'invalid_parameter_value', HINT = 'want a number of days, 1 or more';
  END IF;
  RETURN QUERY
  SELECT p.ds::date, p.mean, p.lo80, p.hi80, p.lo95, p.hi95,
    CASE WHEN r.status IS NULL THEN 'not_run' WHEN p.ds IS NULL AND r.status IN ('ok', 'preliminary') THEN 'out_of_date' ELSE r.status END,
    CASE WHEN r.status IS NULL THEN 'no forecast of ' || get_forecast.metric || ' has been made yet; `romashka jobs run forecast` makes it'
         WHEN p.ds IS NULL AND r.status IN ('ok', 'preliminary') THEN 'the last forecast of ' || get_forecast.metric || ' was made on ' ||
           pg_catalog.to_char(r.ran_at AT TIME ZONE r.zone, 'YYYY-MM-DD') || ' and does not reach today; `romashka jobs run forecast` makes a new one'
         ELSE r.reason END,
    r.method, r.accuracy, r.coverage80, r.coverage95, r.origins, r.mean_volume, r.ceiling, r.target_reachable, r.totals,
    r.zone, r.origin::date, r.ran_at, r.details
  FROM (VALUES (1)) AS always
  LEFT JOIN (SELECT n.* FROM public.get_forecast_runs(get_forecast.metric) AS n
             WHERE n.channel = 'all' AND (n.grain IN ('day', 'week') OR get_forecast.metric = 'staffing')) AS r ON true
  LEFT JOIN LATERAL (
    SELECT x.ds, x.mean, x.lo80, x.hi80, x.lo95, x.hi95
    FROM pg_catalog.jsonb_to_recordset(CASE WHEN get_forecast.metric = 'staffing' THEN r.details -> 'days' ELSE r.points END)
      AS x (ds text, mean numeric, lo80 numeric, hi80 numeric, lo95 numeric, hi95 numeric)
    WHERE x.ds::date + CASE r.grain WHEN 'week' THEN 6 ELSE 0 END >= (now() AT TIME ZONE r.zone)::date
    ORDER BY x.ds
    LIMIT LEAST(get_forecast.days, 400)
  ) AS p ON true
  ORDER BY 1;
END
$$;

REVOKE ALL ON FUNCTION public.get_forecast(text, integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_forecast(text, integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_forecast(text, integer) IS 'The newest forecast of a metric, with its back-test, or why there is none';
$text$;
made := to_regprocedure('public.get_forecast(text, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_forecast', 'public.get_forecast(text, integer)', wanted, now(), s.definition
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
