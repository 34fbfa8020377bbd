-- Written by `make generate` from functions/journey_stages.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:3d38682b98190ab58fa9ba4b2fffd6edf702723b8f11cdfa96231d13aa293bd1' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.journey_stages(uuid[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'journey_stages' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'journey_stages' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.journey_stages(uuid[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.journey_stages(uuid[])
-- depends: romashka.kpi_facts
-- Purpose: the stage of each conversation of customers, by the rules of
--   internal/analytics/kpi/definitions.md, "Journey". A rule looks at the rows
--   before a conversation and at the conversation, never at later ones.
-- Parameters: customers as in romashka.kpi_facts; NULL: all.
-- Rows: one for each conversation and stage; a first contact that is a purchase is both.
-- Who: the functions of this schema, with the caller's rights; see kpi_facts_now.
CREATE OR REPLACE FUNCTION romashka.journey_stages(wanted uuid[])
RETURNS TABLE (customer uuid, sample smallint, conversation_id uuid, started_at timestamptz, channel text, topic text,
  answered_by text, rating numeric, converted boolean, stage text, rule text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
DECLARE
  rules      CONSTANT jsonb := romashka.setting('kpi_targets') -> 'journey';
  onboarding CONSTANT interval := COALESCE(romashka.kpi_number(rules -> 'onboarding_days'), 30) * interval '1 day';
  silence    CONSTANT interval := COALESCE(romashka.kpi_number(rules -> 'silence_days'), 90) * interval '1 day';
  changed    CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  kept       CONSTANT boolean := EXISTS (SELECT FROM romashka.kpi_state WHERE ready)
                AND (changed IS NULL OR pg_catalog.array_position(changed, NULL) IS NULL);
BEGIN
  RETURN QUERY
  WITH facts AS (
    SELECT f.customer, f.customer_sample, f.conversation_id, f.started_at, f.channel, f.topic, f.ai_involved, f.human_involved, f.ratings, f.rating_sum, f.conversions
    FROM romashka.kpi_facts AS f
    WHERE kept AND (wanted IS NULL OR f.customer = ANY (wanted)) AND (changed IS NULL OR f.conversation_id <> ALL (changed))
    UNION ALL
    SELECT f.customer, f.customer_sample, f.conversation_id, f.started_at, f.channel, f.topic, f.ai_involved, f.human_involved, f.ratings, f.rating_sum, f.conversions
    FROM romashka.kpi_read_facts(CASE WHEN kept THEN changed END, '-infinity', 'infinity') AS f
    WHERE (NOT kept OR changed IS NOT NULL) AND (wanted IS NULL OR f.customer = ANY (wanted))
  ), placed AS (
    SELECT f.*, pg_catalog.row_number() OVER w AS n, pg_catalog.lag(f.started_at) OVER w AS before,
           min(f.started_at) FILTER (WHERE f.conversions = 1) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bought
    FROM facts AS f
    WINDOW w AS (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id)
  )
  SELECT p.customer, p.customer_sample, p.conversation_id, p.started_at, p.channel, p.topic,
         CASE WHEN p.ai_involved = 1 AND p.human_involved = 1 THEN 'ai and agent' WHEN p.ai_involved = 1 THEN 'ai'
              WHEN p.human_involved = 1 THEN 'agent' ELSE 'nobody' END,
         CASE WHEN p.ratings = 1 THEN p.rating_sum / 100.0 END, p.conversions = 1, s.stage, s.rule
  FROM placed AS p
  CROSS JOIN LATERAL (
    SELECT 'discovery' AS stage, 'first_contact' AS rule WHERE p.n = 1
    UNION ALL
    SELECT 'decision', 'conversion' WHERE p.conversions = 1
    UNION ALL
    SELECT CASE WHEN p.started_at - p.before >= silence THEN 'retention' WHEN p.bought IS NULL THEN 'consideration'
                WHEN p.started_at < p.bought + onboarding THEN 'onboarding' ELSE 'support' END,
           CASE WHEN p.started_at - p.before >= silence THEN 'return_after_silence' WHEN p.bought IS NULL THEN 'repeat_before_purchase'
                WHEN p.started_at < p.bought + onboarding THEN 'onboarding_window' ELSE 'later_contact' END
    WHERE p.n > 1 AND p.conversions = 0
  ) AS s;
END
$$;

REVOKE ALL ON FUNCTION romashka.journey_stages(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.journey_stages(uuid[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.journey_stages(uuid[]) IS 'The stage of each conversation';
$text$;
made := to_regprocedure('romashka.journey_stages(uuid[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'journey_stages', 'romashka.journey_stages(uuid[])', wanted, now(), s.definition
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
