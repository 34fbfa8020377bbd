-- Written by `make generate` from functions/write_kpi_rows.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:8b41e23b0703664452d954ea2b79c66bb956ab8c8ce8ac2e5f9288fee1c1e100' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.write_kpi_rows(timestamp with time zone[], text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'write_kpi_rows' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'write_kpi_rows' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.write_kpi_rows(timestamp with time zone[], text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.write_kpi_rows(timestamp with time zone[], text)
-- Purpose: writes the key figures of days that have conversations as rows: for the
--   app's dashboards, by their names, into business_intelligence, and every figure
--   into advanced_metrics. Each row names its grounds: numerator, denominator,
--   zone, version, and why there is no value. Written again, a row keeps its id.
-- Parameters: the beginnings of days in the zone, and the end of the last.
-- Rows: how many were written.
-- Who: the owner, as romashka.refresh_daily_metrics() is.
CREATE OR REPLACE FUNCTION romashka.write_kpi_rows(edges timestamptz[], zone text)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  figures CONSTANT text[] := ARRAY(SELECT c.figure FROM romashka.kpi_catalogue() AS c WHERE c.kind <> 'none');
  kept    CONSTANT interval := '90 days'; -- of advanced_metrics, see data_retention_policies
  roi     CONSTANT jsonb := romashka.setting('roi');
  saved   numeric; -- by a conversation that the AI resolved; NULL without both costs
  written integer;
  more    integer;
BEGIN
  saved := romashka.kpi_number(roi -> 'wage_per_hour') / 60 * romashka.kpi_number(roi -> 'minutes_per_conversation')
    - romashka.kpi_number(roi -> 'ai_cost_per_resolution');
  CREATE TEMPORARY TABLE IF NOT EXISTS romashka_figures (start timestamptz, until timestamptz, figure text, value numeric, unit text, basis jsonb) ON COMMIT DROP;
  TRUNCATE pg_temp.romashka_figures;
  INSERT INTO pg_temp.romashka_figures
  SELECT edges[r.slot], edges[r.slot + 1], r.figure, r.value, r.unit,
         pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('numerator', r.numerator, 'denominator', r.denominator, 'low', r.low, 'high', r.high,
           'reason', r.reason, 'time_zone', zone, 'definitions', 2, 'date', (edges[r.slot] AT TIME ZONE zone)::date))
  FROM romashka.kpi_report(edges, 'all', '{NULL,NULL,NULL,NULL,NULL,NULL}', figures) AS r;
  DELETE FROM pg_temp.romashka_figures AS f
  WHERE NOT EXISTS (SELECT FROM pg_temp.romashka_figures AS c WHERE c.start = f.start AND c.figure = 'conversations' AND c.value > 0);

  INSERT INTO public.business_intelligence (id, metric_category, metric_name, metric_value, metric_unit, time_period, dimensions, calculated_at)
  SELECT pg_catalog.md5('romashka kpi ' || k.name || (f.start AT TIME ZONE zone)::date)::uuid, 'kpi', k.name, k.value, k.unit, 'daily', k.basis,
         LEAST(f.until, pg_catalog.now())
  FROM pg_temp.romashka_figures AS f
  CROSS JOIN LATERAL (
    SELECT n.name, f.value, n.unit, f.basis || pg_catalog.jsonb_build_object('figure', f.figure)
    FROM (VALUES ('customer_satisfaction', 'csat_mean', 'score'), ('response_time', 'first_response_mean', 'seconds'),
                 ('resolution_rate', 'resolution_rate', 'percentage'), ('ai_efficiency', 'ai_accuracy', 'percentage')) AS n (name, figure, unit)
    WHERE n.figure = f.figure
    UNION ALL
    SELECT 'cost_savings', pg_catalog.round(f.value * saved, 4), 'money', f.basis || pg_catalog.jsonb_build_object('figure', f.figure)
      || CASE WHEN saved IS NULL THEN '{"reason": "setting roi lacks wage_per_hour, minutes_per_conversation or ai_cost_per_resolution"}'::jsonb
              ELSE pg_catalog.jsonb_build_object('saved_per_conversation', saved) END
    WHERE f.figure = 'ai_resolved'
  ) AS k (name, value, unit, basis)
  ON CONFLICT (id) DO UPDATE SET metric_value = EXCLUDED.metric_value, metric_unit = EXCLUDED.metric_unit, dimensions = EXCLUDED.dimensions,
    calculated_at = EXCLUDED.calculated_at
  WHERE (business_intelligence.metric_value, business_intelligence.dimensions) IS DISTINCT FROM (EXCLUDED.metric_value, EXCLUDED.dimensions);
  GET DIAGNOSTICS written = ROW_COUNT;

  INSERT INTO public.advanced_metrics (id, metric_type, metric_subtype, metric_value, metric_metadata, aggregation_period, start_time, end_time)
  SELECT pg_catalog.md5('romashka kpi ' || f.figure || (f.start AT TIME ZONE zone)::date)::uuid, 'conversations', f.figure, f.value,
         f.basis || pg_catalog.jsonb_build_object('unit', f.unit), 'day', f.start, f.until
  FROM pg_temp.romashka_figures AS f
  WHERE f.until > pg_catalog.now() - kept
  ON CONFLICT (id) DO UPDATE SET metric_value = EXCLUDED.metric_value, metric_metadata = EXCLUDED.metric_metadata,
    start_time = EXCLUDED.start_time, end_time = EXCLUDED.end_time
  WHERE (advanced_metrics.metric_value, advanced_metrics.metric_metadata) IS DISTINCT FROM (EXCLUDED.metric_value, EXCLUDED.metric_metadata);
  GET DIAGNOSTICS more = ROW_COUNT;
  DROP TABLE pg_temp.romashka_figures;
  RETURN written + more;
END
$$;

REVOKE ALL ON FUNCTION romashka.write_kpi_rows(timestamp with time zone[], text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.write_kpi_rows(timestamp with time zone[], text) IS 'Writes the key figures of days as rows';
$text$;
made := to_regprocedure('romashka.write_kpi_rows(timestamp with time zone[], text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'write_kpi_rows', 'romashka.write_kpi_rows(timestamp with time zone[], text)', wanted, now(), s.definition
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
