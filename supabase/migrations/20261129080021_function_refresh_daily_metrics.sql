-- Written by `make generate` from functions/refresh_daily_metrics.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
BEGIN
SELECT encode(sha256(convert_to('64:30e70d8e7dcd1eaa9d642d08bfaddbf20e62101d599122963747e44a86f5f265' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
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
-- Purpose: fills daily_analytics, and daily_metrics for channel_type 'all', from
--   conversations and messages. The deployed aggregate_daily_metrics() writes no
--   'all', and its ON CONFLICT never meets a row, because a NULL is in its key.
-- Parameters: first and last day, in UTC. A day without conversations keeps what
--   it has: they may have been deleted since.
-- Rows: the number of days written.
-- Who: the owner, as romashka.run_due_jobs() is; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.refresh_daily_metrics(first_day date, last_day date)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  days integer;
BEGIN
  -- What stands for a day gives way only where the day has conversations.
  DELETE FROM public.daily_metrics AS d
  WHERE d.date BETWEEN first_day AND last_day AND d.channel_type = 'all' AND d.agent_id IS NULL
    AND EXISTS (SELECT FROM public.conversations AS c
                WHERE c.created_at >= d.date::timestamp AT TIME ZONE 'UTC' AND c.created_at < (d.date + 1)::timestamp AT TIME ZONE 'UTC');

  WITH talk AS (
    SELECT (c.created_at AT TIME ZONE 'UTC')::date AS day, COALESCE(c.channel_type, 'unknown') AS channel,
           c.satisfaction_rating AS rating, c.ai_confidence,
           c.status IN ('resolved', 'closed') AS resolved, c.status = 'abandoned' AS abandoned,
           COALESCE(EXTRACT(epoch FROM c.resolved_at - c.created_at), c.resolution_time_seconds) AS resolution_seconds,
           EXTRACT(epoch FROM m.answered_at - c.created_at) AS response_seconds,
           COALESCE(m.by_agent, false) AS by_agent, COALESCE(m.by_ai, false) AS by_ai, a.ai_accuracy_score
    FROM public.conversations AS c
    LEFT JOIN public.conversation_analytics AS a ON a.conversation_id = c.id
    LEFT JOIN LATERAL (
      SELECT min(x.created_at) FILTER (WHERE x.sender_type IN ('ai', 'agent', 'bot')) AS answered_at,
             bool_or(x.sender_type = 'agent') AS by_agent, bool_or(x.sender_type IN ('ai', 'bot')) AS by_ai
      FROM public.messages AS x WHERE x.conversation_id = c.id
    ) AS m ON true
    WHERE c.created_at >= first_day::timestamp AT TIME ZONE 'UTC'
      AND c.created_at < (last_day + 1)::timestamp AT TIME ZONE 'UTC'
  ), figure AS (
    SELECT day, count(*)::integer AS total,
           count(*) FILTER (WHERE resolved AND NOT by_agent)::integer AS ai_resolved,
           count(*) FILTER (WHERE resolved AND by_agent)::integer AS human_resolved,
           count(*) FILTER (WHERE abandoned)::integer AS abandoned,
           avg(response_seconds) AS response_seconds,
           avg(resolution_seconds) FILTER (WHERE resolved) AS resolution_seconds,
           avg(CASE WHEN resolved THEN 1.0 ELSE 0.0 END) AS resolution_rate,
           count(rating)::integer AS ratings, avg(rating) AS rating,
           avg(ai_confidence) AS ai_confidence, avg(ai_accuracy_score) AS ai_accuracy,
           avg(CASE WHEN by_ai AND by_agent THEN 1.0 ELSE 0.0 END) AS handoff_rate
    FROM talk GROUP BY day
  ), channel AS (
    SELECT n.day, pg_catalog.jsonb_object_agg(n.channel, n.n) AS channels
    FROM (SELECT day, channel, count(*) AS n FROM talk GROUP BY day, channel) AS n GROUP BY n.day
  ), metrics AS (
    INSERT INTO public.daily_metrics (date, channel_type, department, total_conversations, ai_resolved_conversations,
      human_resolved_conversations, abandoned_conversations, avg_first_response_time_seconds, avg_resolution_time_seconds,
      total_ratings, avg_satisfaction_score, ai_confidence_avg, ai_accuracy_rate, handoff_rate)
    SELECT day, 'all', 'all', total, ai_resolved, human_resolved, abandoned, response_seconds, resolution_seconds,
      ratings, rating, ai_confidence, ai_accuracy, handoff_rate
    FROM figure
  )
  INSERT INTO public.daily_analytics AS d (date, total_conversations, avg_response_time_seconds, resolution_rate,
    avg_customer_satisfaction, ai_accuracy_score, channel_distribution)
  SELECT day, total, response_seconds, resolution_rate, rating, ai_accuracy, channels
  FROM figure JOIN channel USING (day)
  ON CONFLICT (date) DO UPDATE SET
    total_conversations = EXCLUDED.total_conversations, avg_response_time_seconds = EXCLUDED.avg_response_time_seconds,
    resolution_rate = EXCLUDED.resolution_rate, avg_customer_satisfaction = EXCLUDED.avg_customer_satisfaction,
    ai_accuracy_score = EXCLUDED.ai_accuracy_score, channel_distribution = EXCLUDED.channel_distribution;
  GET DIAGNOSTICS days = ROW_COUNT;
  RETURN days;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_daily_metrics(date, date) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_daily_metrics(date, date) IS 'Fills daily_analytics and daily_metrics (channel all) from conversations and messages';
$text$;
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'refresh_daily_metrics', 'romashka.refresh_daily_metrics(date, date)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
WHERE s.name IN ('romashka.refresh_daily_metrics(date,date)', 'romashka.refresh_daily_metrics(date,date)')
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
