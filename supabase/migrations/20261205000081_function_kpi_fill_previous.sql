-- Written by `make generate` from functions/kpi_fill_previous.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d44e1a34b5db647ffa4757f87ec139af8816e2f09be3099e5020973db0395b06' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_previous}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fill_previous' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fill_previous' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fill_previous(uuid[], uuid[])
-- depends: romashka.kpi_previous
-- Purpose: brings romashka.kpi_previous up to the facts. Of two conversations that began
--   at once, the one with the smaller id is before.
-- Parameters: conversations that have changed, and the customers whose they were and
--   are; NULL: all is made anew.
-- Who: the owner, as romashka.refresh_kpi() is.
CREATE OR REPLACE FUNCTION romashka.kpi_fill_previous(ids uuid[], customers uuid[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
BEGIN
  DELETE FROM romashka.kpi_previous AS p
  WHERE customers IS NULL OR p.conversation_id = ANY (ids) AND NOT EXISTS (SELECT FROM romashka.kpi_facts AS f WHERE f.conversation_id = p.conversation_id);
  INSERT INTO romashka.kpi_previous AS p
  SELECT n.* FROM (
    SELECT f.conversation_id, f.started_at, COALESCE(pg_catalog.lag(f.started_at) OVER of_all, '-infinity') AS previous_at,
           f.customer, f.channel, f.team, f.agent, f.priority, f.language,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.channel ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_channel,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.team ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_team,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.agent ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_agent,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.priority ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_priority,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.language ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_language,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.channel, f.team, f.agent, f.priority, f.language
                                                       ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_same
    FROM romashka.kpi_facts AS f WHERE customers IS NULL OR f.customer = ANY (customers)
    WINDOW of_all AS (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id)
  ) AS n
  LEFT JOIN romashka.kpi_previous AS o ON o.conversation_id = n.conversation_id
  WHERE ROW (o.*) IS DISTINCT FROM ROW (n.*) -- most are as they were
  ORDER BY n.started_at, n.conversation_id -- what a page reads lies together
  ON CONFLICT (conversation_id) DO UPDATE SET started_at = EXCLUDED.started_at, previous_at = EXCLUDED.previous_at, customer = EXCLUDED.customer,
    channel = EXCLUDED.channel, team = EXCLUDED.team, agent = EXCLUDED.agent, priority = EXCLUDED.priority, language = EXCLUDED.language,
    previous_channel = EXCLUDED.previous_channel, previous_team = EXCLUDED.previous_team, previous_agent = EXCLUDED.previous_agent,
    previous_priority = EXCLUDED.previous_priority, previous_language = EXCLUDED.previous_language, previous_same = EXCLUDED.previous_same;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) IS 'When the conversation before of the same customer began';
$text$;
made := to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fill_previous', 'romashka.kpi_fill_previous(uuid[], uuid[])', wanted, now(), s.definition
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
