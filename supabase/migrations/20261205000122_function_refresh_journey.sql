-- Written by `make generate` from functions/refresh_journey.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:2fc8c350a4e717e4a5520560153f3d477a6b3b3823d8032a81d090eba76d7d77' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.refresh_journey(boolean, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'refresh_journey' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'refresh_journey' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.refresh_journey(boolean, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.refresh_journey(boolean, integer)
-- Purpose: brings romashka.journeys and the rows of customer_journey that have a
--   conversation up to the facts. All are made anew the first time, when the facts
--   were, and when the settings have changed. Written again, a row keeps its id.
-- Parameters: whether all are to be made anew; how many customers at most in one run.
-- Rows: one: customers looked at, and whether some are left.
-- Who: the owner, as romashka.run_due_jobs() is. Of two at once the second does nothing.
CREATE OR REPLACE FUNCTION romashka.refresh_journey(rebuild boolean DEFAULT false, most integer DEFAULT 5000,
  OUT done integer, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
DECLARE
  depends CONSTANT text := romashka.journey_settings();
  origin  CONSTANT timestamptz := '2000-01-01 00:00+00';
  state   romashka.journey_state;
  wanted  uuid[]; -- NULL: all
  days    timestamptz[]; -- of their first contacts, as they were and as they are
BEGIN
  done := 0;
  more := false;
  SELECT * INTO state FROM romashka.journey_state FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) THEN
    RETURN; -- without facts there is nothing to go by
  END IF;
  IF state.ready AND NOT state.days THEN
    PERFORM romashka.journey_fill(NULL);
    UPDATE romashka.journey_state AS s SET days = true;
  END IF;
  IF rebuild OR NOT state.ready OR state.settings <> depends THEN
    DELETE FROM romashka.journey_queue;
    UPDATE romashka.journey_state AS s SET ready = true, days = true, settings = depends;
  ELSE
    -- Customers queued after this statement began stay for the next run, and the
    -- rows read below are younger.
    WITH gone AS (
      DELETE FROM romashka.journey_queue AS q
      WHERE q.customer IN (SELECT o.customer FROM romashka.journey_queue AS o LIMIT most) RETURNING q.customer
    )
    SELECT COALESCE(pg_catalog.array_agg(g.customer), '{}'), count(*) >= most INTO wanted, more FROM gone AS g;
    IF wanted = '{}' THEN
      RETURN;
    END IF;
  END IF;

  WITH old AS (
    DELETE FROM romashka.journeys AS j WHERE wanted IS NULL OR j.customer = ANY (wanted) RETURNING pg_catalog.date_bin('1 day', j.discovery_at, origin) AS day
  )
  SELECT pg_catalog.array_agg(DISTINCT o.day) INTO days FROM old AS o;
  WITH new AS (
    INSERT INTO romashka.journeys AS j SELECT * FROM romashka.journey_lives(wanted) RETURNING pg_catalog.date_bin('1 day', j.discovery_at, origin) AS day
  )
  SELECT count(*), days || pg_catalog.array_agg(DISTINCT n.day) INTO done, days FROM new AS n;
  PERFORM romashka.journey_fill(CASE WHEN wanted IS NOT NULL THEN ARRAY(SELECT DISTINCT d FROM unnest(days) AS u (d)) END);

  CREATE TEMPORARY TABLE IF NOT EXISTS romashka_stages (id uuid, customer uuid, conversation_id uuid, stage text, rule text, topic text,
    channel text, answered_by text, seconds integer, converted boolean, rating integer, at timestamptz) ON COMMIT DROP;
  TRUNCATE pg_temp.romashka_stages;
  INSERT INTO pg_temp.romashka_stages
  SELECT pg_catalog.md5('romashka journey ' || s.conversation_id || s.stage)::uuid, s.customer, s.conversation_id, s.stage, s.rule, NULLIF(s.topic, 'none'), s.channel, s.answered_by,
         (SELECT LEAST(GREATEST(EXTRACT(epoch FROM max(m.created_at) - s.started_at), 0), 2147483647)::integer
          FROM public.messages AS m WHERE m.conversation_id = s.conversation_id AND pg_catalog.isfinite(m.created_at) HAVING count(*) > 0),
         s.converted, pg_catalog.round(s.rating)::integer, s.started_at
  FROM romashka.journey_stages(wanted) AS s;

  DELETE FROM public.customer_journey AS j
  WHERE j.conversation_id IN (
      SELECT f.conversation_id FROM romashka.kpi_facts AS f WHERE wanted IS NULL OR f.customer = ANY (wanted)
      UNION ALL
      SELECT s.conversation_id FROM pg_temp.romashka_stages AS s)
    AND NOT EXISTS (SELECT FROM pg_temp.romashka_stages AS s WHERE s.id = j.id);
  INSERT INTO public.customer_journey AS j (id, customer_id, conversation_id, journey_stage, rule, touchpoint, channel_type, interaction_type,
    session_duration, conversion_achieved, satisfaction_score, created_at)
  SELECT s.id, p.id, s.conversation_id, s.stage, s.rule, s.topic, s.channel, s.answered_by, s.seconds, s.converted, s.rating, s.at
  FROM pg_temp.romashka_stages AS s
  JOIN public.conversations AS c ON c.id = s.conversation_id -- may have gone since
  LEFT JOIN public.customer_profiles AS p ON p.id = s.customer
  ON CONFLICT (id) DO UPDATE SET customer_id = EXCLUDED.customer_id, rule = EXCLUDED.rule, touchpoint = EXCLUDED.touchpoint, channel_type = EXCLUDED.channel_type,
    interaction_type = EXCLUDED.interaction_type, session_duration = EXCLUDED.session_duration, conversion_achieved = EXCLUDED.conversion_achieved,
    satisfaction_score = EXCLUDED.satisfaction_score, created_at = EXCLUDED.created_at
  WHERE (j.customer_id, j.rule, j.touchpoint, j.channel_type, j.interaction_type, j.session_duration, j.conversion_achieved, j.satisfaction_score, j.created_at)
    IS DISTINCT FROM (EXCLUDED.customer_id, EXCLUDED.rule, EXCLUDED.touchpoint, EXCLUDED.channel_type, EXCLUDED.interaction_type,
      EXCLUDED.session_duration, EXCLUDED.conversion_achieved, EXCLUDED.satisfaction_score, EXCLUDED.created_at);
  DROP TABLE pg_temp.romashka_stages;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_journey(boolean, integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_journey(boolean, integer) IS 'Brings the stages of customers up to their conversations';
$text$;
made := to_regprocedure('romashka.refresh_journey(boolean, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'refresh_journey', 'romashka.refresh_journey(boolean, integer)', wanted, now(), s.definition
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
