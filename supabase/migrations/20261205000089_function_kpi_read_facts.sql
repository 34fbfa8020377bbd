-- Written by `make generate` from functions/kpi_read_facts.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:aa64c411e2bb1d2b70f71b552a623e2c86c755de5c97544894fec9e72028517e' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{public.conversations,public.messages,public.conversation_analytics}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_read_facts' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_read_facts' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)
-- depends: public.conversations, public.messages, public.conversation_analytics
-- Purpose: makes the facts of conversations of their rows. It is the one place
--   where internal/analytics/kpi/definitions.md, "Of one conversation", is code.
-- Parameters: ids, or NULL for all; the half-open range in which they started.
-- Rows: as romashka.kpi_facts.
-- Who: the functions of this schema, with the caller's rights: of rows that he may
--   not read nothing is made.
--
-- The deployed base lacks some columns that later ones have; a column that is not there is
-- NULL here. Which are there is looked up when this file is applied.
DO $build$
DECLARE
  has CONSTANT jsonb := (
    SELECT jsonb_object_agg(c.relname || '.' || a.attname, true)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.oid IN ('public.conversations'::regclass, 'public.messages'::regclass, 'public.conversation_analytics'::regclass)
      AND a.attnum > 0 AND NOT a.attisdropped);
  body text := $function$
CREATE OR REPLACE FUNCTION romashka.kpi_read_facts(ids uuid[], from_at timestamptz, to_at timestamptz)
RETURNS SETOF romashka.kpi_facts
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET plan_cache_mode = 'force_generic_plan' SET jit = 'off' AS $$
DECLARE
  zone     CONSTANT text := romashka.kpi_zone(NULL);
  hours    CONSTANT jsonb := romashka.setting('business_hours');
  holidays CONSTANT jsonb := romashka.setting('holidays');
  targets  CONSTANT jsonb := romashka.setting('kpi_targets');
  late     CONSTANT bigint := 3 * 3600 * 1000;
BEGIN
  -- Two statements, each planned once: the planner cannot choose for both at a time.
  IF ids IS NULL THEN
    [of the range];
  ELSE
    [of ids];
  END IF;
END
$$
  $function$;
  query text := $query$RETURN QUERY
  WITH said AS ( -- of each conversation the single values of its own row; texts are keys of indexes, which take no long ones
    SELECT c.id, c.created_at, c.status,
           COALESCE([conversations.customer_id uuid], c.id) AS customer,
           pg_catalog.left(COALESCE([conversations.channel_type text], 'unknown'), 100) AS channel,
           pg_catalog.left(COALESCE([conversations.department text], 'none'), 100) AS team,
           pg_catalog.left([conversations.assigned_agent_id text], 100) AS assigned,
           pg_catalog.left(COALESCE([conversations.priority text], 'none'), 100) AS priority,
           pg_catalog.left(COALESCE([conversations.language text], 'unknown'), 100) AS language,
           pg_catalog.left(COALESCE([conversations.intent text], 'none'), 100) AS topic,
           ARRAY(SELECT pg_catalog.left(g.tag, 100) FROM unnest([conversations.tags text[]]) AS g (tag) WHERE g.tag IS NOT NULL LIMIT 50) AS tags,
           pg_catalog.left(COALESCE([conversations.handoff_reason text], [conversations.escalation_reason text]), 100) AS reason,
           COALESCE(CASE WHEN [conversations.resolved_at timestamptz] [within the calendar] THEN [conversations.resolved_at timestamptz] END,
             c.created_at + [conversations.resolution_time_seconds integer] * interval '1 second') AS resolved_at,
           COALESCE(
             CASE WHEN [conversations.satisfaction_rating numeric] BETWEEN 1 AND 5 THEN [conversations.satisfaction_rating numeric] END,
             CASE WHEN [conversations.satisfaction_score numeric] BETWEEN 1 AND 5 THEN [conversations.satisfaction_score numeric] END,
             CASE WHEN [conversation_analytics.customer_satisfaction numeric] BETWEEN 1 AND 5 THEN [conversation_analytics.customer_satisfaction numeric] END) AS rating,
           COALESCE([conversation_analytics.lead_qualified boolean], false) AS lead,
           COALESCE(CASE WHEN [conversation_analytics.revenue_generated numeric] > 0 AND [conversation_analytics.revenue_generated numeric] < 1e11 THEN [conversation_analytics.revenue_generated numeric] END, 0) AS revenue,
           COALESCE(c.status IN ('resolved', 'closed'), false) AS resolved,
           COALESCE(c.status = 'abandoned', false) AS abandoned
    FROM public.conversations AS c
    LEFT JOIN public.conversation_analytics AS a ON a.conversation_id = c.id
    WHERE [chosen]c.created_at >= from_at AND c.created_at < to_at AND c.created_at [within the calendar]
  ), talk AS (
    SELECT s.*, m.*, h.*,
           s.resolved OR s.abandoned AS ended,
           m.last_asked_at > s.resolved_at AS asked_after
    FROM said AS s
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE z.who = 'c')::integer AS customer_messages,
             count(*) FILTER (WHERE z.answers AND z.who = 'a')::integer AS ai_answers,
             count(*) FILTER (WHERE z.who = 'h')::integer AS agent_messages,
             count(DISTINCT z.sender) FILTER (WHERE z.who = 'h')::integer AS agents,
             (array_agg(z.sender ORDER BY z.at DESC, z.id DESC) FILTER (WHERE z.who = 'h' AND z.sender IS NOT NULL))[1] AS last_agent,
             min(z.at) FILTER (WHERE z.who = 'c') AS asked_at,
             max(z.at) FILTER (WHERE z.who = 'c') AS last_asked_at,
             bool_or(z.who = 'c' AND z.at > s.resolved_at AND z.at <= s.resolved_at + interval '72 hours') AS unheld,
             min(z.at) FILTER (WHERE z.answers) AS answered_at,
             (array_agg(z.since_run ORDER BY z.at, z.id) FILTER (WHERE z.answers AND z.who = 'a'))[1]::bigint AS ai_wait,
             (array_agg(z.since_run ORDER BY z.at, z.id) FILTER (WHERE z.answers AND z.who = 'h'))[1]::bigint AS human_wait,
             GREATEST(count(*) FILTER (WHERE z.was = 'c' AND z.answers)::integer - 1, 0) AS next_responses,
             COALESCE(sum(z.since_run) FILTER (WHERE z.was = 'c' AND z.answers), 0)::bigint AS waits_ms,
             COALESCE(sum(LEAST(z.pause, 300000)) FILTER (WHERE z.who = 'h' AND z.pause IS NOT NULL), 0)::bigint AS handling_ms,
             max(z.run_at) FILTER (WHERE z.who = 'c' AND z.next IS NULL) AS waiting_since,
             count(*) FILTER (WHERE z.answers AND z.who = 'a' AND z.score < 0.7)::integer AS ai_unsure,
             count(*) FILTER (WHERE z.answers AND z.who = 'a' AND z.asked_again)::integer AS ai_repeated,
             array_agg(CASE WHEN z.score IS NULL THEN -1 ELSE LEAST(GREATEST(z.score, 0), 1) * 100 END::smallint ORDER BY z.at, z.id) FILTER (WHERE z.answers AND z.who = 'a') AS scores,
             array_agg(COALESCE(z.asked_again, false) ORDER BY z.at, z.id) FILTER (WHERE z.answers AND z.who = 'a') AS repeats
      FROM (
        SELECT r.*, r.asked > 0 AND r.who <> 'c' AS answers,
               pg_catalog.floor(EXTRACT(epoch FROM r.at - r.before) * 1000) AS pause,
               pg_catalog.floor(EXTRACT(epoch FROM r.at - r.run_at) * 1000) AS since_run
        FROM (
          SELECT y.*, lead(y.again) OVER o AS asked_again,
                 max(y.at) FILTER (WHERE y.who = 'c' AND y.was IS DISTINCT FROM 'c') OVER o AS run_at
          FROM (
          SELECT x.*, lag(x.who) OVER o AS was, lag(x.at) OVER o AS before, lead(x.who) OVER o AS next,
                 count(*) FILTER (WHERE x.who = 'c') OVER o AS asked,
                 x.words <> '' AND row_number() OVER (PARTITION BY x.words ORDER BY x.at, x.id) > 1 AS again
          FROM (
            SELECT CASE WHEN m.sender_type IN ('user', 'customer') THEN 'c' WHEN m.sender_type IN ('ai', 'bot') THEN 'a'
                        WHEN m.sender_type = 'agent' THEN 'h' END AS who,
                   m.created_at AS at, m.id, pg_catalog.left([messages.sender_id text], 100) AS sender, NULLIF([messages.confidence_score numeric], 'NaN') AS score,
                   CASE WHEN m.sender_type IN ('user', 'customer') THEN
                     pg_catalog.lower(pg_catalog.translate([messages.content text], E' .,!?\n\t', '')) END AS words
            FROM public.messages AS m WHERE m.conversation_id = s.id AND m.created_at [within the calendar]
          ) AS x
          WHERE x.who IS NOT NULL
          WINDOW o AS (ORDER BY x.at, x.id)
          ) AS y
          WINDOW o AS (ORDER BY y.at, y.id)
        ) AS r
      ) AS z
    ) AS m
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE t.became IN ('resolved', 'closed') AND COALESCE(t.was, '') NOT IN ('resolved', 'closed'))::integer AS ends,
             count(*) FILTER (WHERE t.was IN ('resolved', 'closed') AND COALESCE(t.became, '') NOT IN ('resolved', 'closed'))::integer AS returns
      FROM romashka.status_changes AS t WHERE t.conversation_id = s.id
    ) AS h
  ), judged AS (
    SELECT t.*,
           t.ai_answers > 0 AS by_ai, t.agent_messages > 0 AS by_human,
           t.returns > 0 OR t.asked_after IS TRUE AS came_back,
           pg_catalog.floor(EXTRACT(epoch FROM t.answered_at - t.asked_at) * 1000)::bigint AS response_wait,
           CASE WHEN t.resolved AND t.resolved_at >= t.created_at THEN
             pg_catalog.floor(EXTRACT(epoch FROM t.resolved_at - t.created_at) * 1000)::bigint END AS resolution_wait,
           CASE WHEN hours IS NOT NULL THEN romashka.kpi_business_ms(t.asked_at, t.answered_at, zone, hours, holidays) END AS business_wait,
           romashka.kpi_target(targets, 'first_response_seconds', t.priority) AS response_target,
           romashka.kpi_target(targets, 'resolution_seconds', t.priority) AS resolution_target,
           t.ended AND t.ai_answers > 0 AS ai_judgeable,
           t.agent_messages > 0 OR t.rating <= 2 AS ai_refuted
    FROM talk AS t
  )
  SELECT j.id, j.created_at, j.customer, (pg_catalog.uuid_hash(j.customer) & 15)::smallint, j.channel, j.team, COALESCE(j.last_agent, j.assigned, 'none'),
    j.priority, j.language, j.topic, j.tags, COALESCE(j.status, 'none')::text, j.reason,
    j.asked_at, CASE WHEN NOT j.ended THEN j.waiting_since END,
    j.response_wait, j.ai_wait, j.human_wait, j.business_wait, j.resolution_wait,
    b.scores,
    1::smallint, [not j.ended], [j.resolved], [j.resolved AND j.by_ai AND NOT j.by_human], [j.resolved AND j.by_human],
    [j.resolved AND NOT j.by_ai AND NOT j.by_human], [j.abandoned], [j.came_back], [j.resolved OR j.came_back],
    [j.resolved AND j.unheld IS NOT TRUE], [j.resolved AND j.unheld IS NOT TRUE AND j.by_ai AND NOT j.by_human],
    [j.resolved AND NOT j.came_back AND j.agents <= 1],
    GREATEST(j.ends, j.returns + j.resolved::integer),
    [j.by_ai], [j.by_human], [j.by_ai AND j.by_human], [j.by_ai AND j.ended], [j.by_ai AND j.ended AND NOT j.by_human],
    [j.asked_at IS NOT NULL], [j.response_wait IS NOT NULL], [j.response_wait > late], [j.asked_at IS NOT NULL AND j.response_wait IS NULL],
    COALESCE(j.response_wait, 0), [j.ai_wait IS NOT NULL], COALESCE(j.ai_wait, 0), [j.human_wait IS NOT NULL], COALESCE(j.human_wait, 0),
    [j.business_wait IS NOT NULL], COALESCE(j.business_wait, 0),
    j.next_responses, CASE WHEN j.next_responses > 0 THEN j.waits_ms - j.response_wait ELSE 0 END,
    [j.resolution_wait IS NOT NULL], COALESCE(j.resolution_wait, 0), j.handling_ms,
    [j.response_target IS NOT NULL AND j.asked_at IS NOT NULL AND (j.response_wait IS NOT NULL OR j.ended)],
    [j.response_wait <= j.response_target],
    [j.resolution_target IS NOT NULL AND j.resolution_wait IS NOT NULL], [j.resolution_wait <= j.resolution_target],
    [j.rating IS NOT NULL], [j.rating >= 4], COALESCE((j.rating * 100)::integer, 0),
    [j.rating IS NOT NULL AND j.by_ai AND NOT j.by_human], [j.rating >= 4 AND j.by_ai AND NOT j.by_human],
    [j.rating IS NOT NULL AND j.by_human], [j.rating >= 4 AND j.by_human],
    j.customer_messages, j.ai_answers, j.agent_messages,
    CASE WHEN j.ai_judgeable THEN j.ai_answers ELSE 0 END,
    CASE WHEN j.ai_judgeable AND j.ai_refuted IS NOT TRUE THEN j.ai_answers - j.ai_repeated ELSE 0 END,
    j.ai_unsure, b.scored, b.score_sum, b.brier_sum,
    [j.lead], [j.revenue > 0], pg_catalog.round(j.revenue * 100)::bigint,
    romashka.kpi_combination(j.channel, j.team, j.priority, j.language)
  FROM judged AS j
  CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg((CASE WHEN s.wrong THEN -1 - s.score ELSE s.score END)::smallint ORDER BY s.n), '{}') AS scores,
           count(*)::integer AS scored, COALESCE(sum(s.score), 0)::integer AS score_sum,
           COALESCE(sum((s.score - CASE WHEN s.wrong THEN 0 ELSE 100 END) ^ 2), 0)::integer AS brier_sum
    FROM (SELECT u.score, u.n, j.ai_refuted IS TRUE OR u.repeated AS wrong
          FROM unnest(j.scores, j.repeats) WITH ORDINALITY AS u (score, repeated, n)) AS s
    WHERE j.ai_judgeable AND s.score >= 0
  ) AS b$query$;
  part text;
BEGIN
  -- Other times could not be reckoned with.
  query := replace(query, '[within the calendar]', $t$BETWEEN timestamptz '0001-01-01 00:00+00' AND timestamptz '9999-12-31 00:00+00'$t$);
  body := replace(replace(body, '[of the range]', replace(query, '[chosen]', '')), '[of ids]', replace(query, '[chosen]', 'c.id = ANY (ids) AND '));
  -- [table.column type] is the column, or NULL of that type where there is none.
  FOR part IN SELECT DISTINCT m[1] FROM regexp_matches(body, '\[((?:conversations|messages|conversation_analytics)\.[a-z_]+ [a-z]+(?:\[\])?)\]', 'g') AS m LOOP
    body := replace(body, '[' || part || ']', CASE
      WHEN has ? split_part(part, ' ', 1) THEN
        CASE split_part(part, '.', 1) WHEN 'conversations' THEN 'c.' WHEN 'messages' THEN 'm.' ELSE 'a.' END
          || split_part(split_part(part, ' ', 1), '.', 2) || '::' || split_part(part, ' ', 2)
      ELSE 'NULL::' || split_part(part, ' ', 2) END);
  END LOOP;
  -- [condition] is 1 where it holds, else 0.
  body := regexp_replace(body, '\[((?:not )?j\.[^\[\]]+)\]', '(CASE WHEN \1 THEN 1 ELSE 0 END)::smallint', 'g');
  EXECUTE body;
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_read_facts(uuid[], timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_read_facts(uuid[], timestamptz, timestamptz) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_read_facts(uuid[], timestamptz, timestamptz) IS 'Makes the facts of conversations of their rows';
$text$;
made := to_regprocedure('romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_read_facts', 'romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)', wanted, now(), s.definition
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
