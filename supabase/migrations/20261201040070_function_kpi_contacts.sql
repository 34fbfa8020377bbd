-- Written by `make generate` from functions/kpi_contacts.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:f7fcc330c0b06d07d4aa094a0bc181a67a6a5eb35c7ba487b55a9151b648d495' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], boolean, romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_contacts' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_contacts' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], boolean, romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_contacts(timestamp with time zone[], text, text[], boolean, romashka.kpi_facts[])
-- depends: romashka.kpi_facts
-- Purpose: how many different customers started a conversation between edges.
--   Customers cannot be added up over hours, so they are counted: all of them, or
--   those that fall into one of sixteen parts, which a hash decides.
-- Parameters: edges, by_level and filters as those of romashka.kpi_sums; whether one
--   part in sixteen is enough; fresh, see romashka.kpi_waiting.
-- Rows: slot, key, customers counted.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
DO $build$
DECLARE
  counting text := $t$
  SELECT w.slot, w.key, count(*)
  FROM (
    SELECT DISTINCT pg_catalog.width_bucket(f.started_at, edges) AS slot, k.key, f.customer
    FROM [source] AS f
    CROSS JOIN LATERAL unnest(CASE by_level WHEN 'all' THEN '{""}' WHEN 'channel' THEN ARRAY[f.channel] WHEN 'team' THEN ARRAY[f.team]
      WHEN 'agent' THEN ARRAY[f.agent] WHEN 'priority' THEN ARRAY[f.priority] WHEN 'language' THEN ARRAY[f.language]
      WHEN 'topic' THEN ARRAY[f.topic] WHEN 'reason' THEN CASE WHEN f.handoffs = 1 THEN ARRAY[COALESCE(f.handoff_reason, 'not stated')] ELSE '{}' END
      ELSE ARRAY(SELECT DISTINCT t FROM unnest(f.tags) AS u (t)) END) AS k (key)
    WHERE [sample] AND f.started_at >= edges[1] AND f.started_at < last
      AND (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[3] IS NULL OR f.agent = filters[3]) AND (filters[4] IS NULL OR f.priority = filters[4])
      AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.topic = filters[6])
  ) AS w
  GROUP BY w.slot, w.key$t$;
BEGIN
  EXECUTE replace(replace(replace(replace(replace(replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_contacts(edges timestamptz[], by_level text, filters text[], sampled boolean, fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS TABLE (slot integer, key text, customers bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' SET enable_seqscan = 'off' AS $$
DECLARE
  last    CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  touched uuid[] := '{}'; -- customers whose facts may be old
BEGIN
  IF pg_catalog.array_position(changed, NULL) IS NOT NULL OR NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) THEN
    RETURN QUERY [now];
    RETURN;
  END IF;
  IF changed IS NOT NULL THEN
    SELECT COALESCE(pg_catalog.array_agg(t.customer), '{}') INTO touched FROM (
      SELECT f.customer FROM romashka.kpi_facts AS f WHERE f.conversation_id = ANY (changed)
      UNION SELECT r.customer FROM romashka.kpi_fresh(changed, edges[1], last, fresh) AS r) AS t;
  END IF;
  IF by_level = 'all' AND filters = '{NULL,NULL,NULL,NULL,NULL,NULL}' AND pg_catalog.cardinality(edges) = 2 THEN -- an index alone answers, but of who is touched
    RETURN QUERY
    SELECT 1, ''::text, (SELECT count(*) FROM (
      SELECT DISTINCT f.customer FROM romashka.kpi_facts AS f
      WHERE NOT sampled AND f.started_at >= edges[1] AND f.started_at < last AND f.customer <> ALL (touched)) AS w)
      + (SELECT count(*) FROM (
      SELECT DISTINCT f.customer FROM romashka.kpi_facts AS f
      WHERE sampled AND f.customer_sample = 0 AND f.started_at >= edges[1] AND f.started_at < last AND f.customer <> ALL (touched)) AS w)
      + (SELECT count(DISTINCT f.customer) FROM [touched] AS f
         WHERE (NOT sampled OR f.customer_sample = 0) AND f.started_at >= edges[1] AND f.started_at < last AND changed IS NOT NULL);
  ELSIF changed IS NULL AND sampled THEN
    RETURN QUERY [sampled];
  ELSIF changed IS NULL THEN
    RETURN QUERY [every];
  ELSIF sampled THEN
    RETURN QUERY SELECT u.slot, u.key, sum(u.customers)::bigint FROM ([sampled but] UNION ALL [of touched]) AS u (slot, key, customers) GROUP BY u.slot, u.key;
  ELSE
    RETURN QUERY SELECT u.slot, u.key, sum(u.customers)::bigint FROM ([every but] UNION ALL [of touched]) AS u (slot, key, customers) GROUP BY u.slot, u.key;
  END IF;
END
$$
  $function$, '[now]', replace(replace(counting, '[source]', 'romashka.kpi_facts_now(edges[1], last, false)'), '[sample]', '(NOT sampled OR f.customer_sample = 0)')),
    '[sampled]', replace(replace(counting, '[source]', 'romashka.kpi_facts'), '[sample]', 'f.customer_sample = 0')),
    '[every]', replace(replace(counting, '[source]', 'romashka.kpi_facts'), '[sample]', 'true')),
    '[sampled but]', replace(replace(counting, '[source]', 'romashka.kpi_facts'), '[sample]', 'f.customer_sample = 0 AND f.customer <> ALL (touched)')),
    '[every but]', replace(replace(counting, '[source]', 'romashka.kpi_facts'), '[sample]', 'f.customer <> ALL (touched)')),
    '[of touched]', replace(replace(counting, '[source]', '[touched]'), '[sample]', '(NOT sampled OR f.customer_sample = 0)')),
    '[touched]', '(SELECT * FROM romashka.kpi_facts AS o WHERE o.customer = ANY (touched) AND o.conversation_id <> ALL (changed)
      UNION ALL SELECT * FROM romashka.kpi_fresh(changed, edges[1], last, fresh))');
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], boolean, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], boolean, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], boolean, romashka.kpi_facts[]) IS 'How many different customers started a conversation';
$text$;
made := to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], boolean, romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_contacts', 'romashka.kpi_contacts(timestamp with time zone[], text, text[], boolean, romashka.kpi_facts[])', wanted, now(), s.definition
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
