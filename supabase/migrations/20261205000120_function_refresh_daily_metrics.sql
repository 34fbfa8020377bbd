-- Written by `make generate` from functions/refresh_daily_metrics.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:591d53ef4218125afb5f90b56173d3d7b94bbb5b7a170fc0bfe49f37cba8a327' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.refresh_daily_metrics(date, date)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'refresh_daily_metrics' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'refresh_daily_metrics' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.refresh_daily_metrics(date, date)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.refresh_daily_metrics(date, date)
-- Purpose: fills daily_analytics, daily_metrics for channel_type 'all', and the rows of
--   business_intelligence and advanced_metrics that say the same. The deployed
--   aggregate_daily_metrics() writes no 'all', and its ON CONFLICT never meets a row,
--   because a NULL is in its key. The definition of each figure: internal/analytics/kpi/
--   definitions.md.
-- Parameters: first and last day, in the tenant's zone. A day without conversations
--   keeps its rows: they may have been deleted since.
-- Rows: the number of days written.
-- Who: the owner, as romashka.run_due_jobs() is; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.refresh_daily_metrics(first_day date, last_day date)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  zone  CONSTANT text := romashka.kpi_zone(NULL);
  edges CONSTANT timestamptz[] := ARRAY(
    SELECT DISTINCT romashka.kpi_midnight(first_day + n, zone) FROM pg_catalog.generate_series(0, last_day - first_day + 1) AS g (n) ORDER BY 1);
  days  integer;
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS romashka_days (LIKE romashka.kpi_cells) ON COMMIT DROP;
  TRUNCATE pg_temp.romashka_days;
  INSERT INTO pg_temp.romashka_days
  SELECT * FROM romashka.kpi_sums(edges, 'all', '{NULL,NULL,NULL,NULL,NULL,NULL}') AS s WHERE s.conversations > 0
  UNION ALL
  SELECT * FROM romashka.kpi_sums(edges, 'channel', '{NULL,NULL,NULL,NULL,NULL,NULL}') AS s WHERE s.conversations > 0;

  -- Rows of a day give way only where the day has conversations.
  DELETE FROM public.daily_metrics AS d
  USING pg_temp.romashka_days AS s
  WHERE d.channel_type = 'all' AND d.agent_id IS NULL AND s.level = 'all' AND d.date = (s.bucket AT TIME ZONE zone)::date;

  INSERT INTO public.daily_metrics (date, channel_type, department, total_conversations, ai_resolved_conversations,
    human_resolved_conversations, abandoned_conversations, avg_first_response_time_seconds, avg_resolution_time_seconds,
    total_ratings, avg_satisfaction_score, ai_confidence_avg, ai_accuracy_rate, handoff_rate, leads_generated, sales_qualified_leads, revenue_attributed)
  SELECT (s.bucket AT TIME ZONE zone)::date, 'all', 'all', s.conversations, s.ai_resolved, s.human_resolved, s.abandoned,
         LEAST(s.response_ms / 1000.0 / NULLIF(s.answered, 0), 2147483647), LEAST(s.resolution_ms / 1000.0 / NULLIF(s.resolutions_timed, 0), 2147483647),
         s.ratings, s.rating_sum / 100.0 / NULLIF(s.ratings, 0), s.ai_score_sum / 100.0 / NULLIF(s.ai_scored, 0),
         s.ai_confirmed::numeric / NULLIF(s.ai_judged, 0), s.handoffs::numeric / NULLIF(s.ai_involved, 0),
         s.leads, NULL, LEAST(s.revenue_cents / 100.0, 99999999.99)
  FROM pg_temp.romashka_days AS s WHERE s.level = 'all';

  INSERT INTO public.daily_analytics AS d (date, total_conversations, avg_response_time_seconds, resolution_rate,
    avg_customer_satisfaction, ai_accuracy_score, channel_distribution)
  SELECT (s.bucket AT TIME ZONE zone)::date, s.conversations, s.response_ms / 1000.0 / NULLIF(s.answered, 0),
         s.resolved::numeric / s.conversations, s.rating_sum / 100.0 / NULLIF(s.ratings, 0), s.ai_confirmed::numeric / NULLIF(s.ai_judged, 0),
         COALESCE((SELECT pg_catalog.jsonb_object_agg(c.value, c.conversations) FROM pg_temp.romashka_days AS c WHERE c.level = 'channel' AND c.bucket = s.bucket), '{}')
  FROM pg_temp.romashka_days AS s WHERE s.level = 'all'
  ON CONFLICT (date) DO UPDATE SET
    total_conversations = EXCLUDED.total_conversations, avg_response_time_seconds = EXCLUDED.avg_response_time_seconds,
    resolution_rate = EXCLUDED.resolution_rate, avg_customer_satisfaction = EXCLUDED.avg_customer_satisfaction,
    ai_accuracy_score = EXCLUDED.ai_accuracy_score, channel_distribution = EXCLUDED.channel_distribution;
  GET DIAGNOSTICS days = ROW_COUNT;
  PERFORM romashka.write_kpi_rows(edges, zone);
  DROP TABLE pg_temp.romashka_days;
  RETURN days;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_daily_metrics(date, date) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_daily_metrics(date, date) IS 'Fills daily_analytics, daily_metrics (channel all) and the rows of key figures';
$text$;
made := to_regprocedure('romashka.refresh_daily_metrics(date, date)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'refresh_daily_metrics', 'romashka.refresh_daily_metrics(date, date)', wanted, now(), s.definition
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
