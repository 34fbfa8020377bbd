-- Written by `make generate` from functions/kpi_report.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:c1a56fbb974a59be285a85ec2776500cbad3fd10d7bbabde96682fccaeef3426' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_cells}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_report(timestamp with time zone[], text, text[], text[], integer, romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_report' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_report' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_report(timestamp with time zone[], text, text[], text[], integer, romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_report(timestamp with time zone[], text, text[], text[], integer, romashka.kpi_facts[])
-- depends: romashka.kpi_cells
-- Purpose: figures of conversations that started between edges, one row each, with
--   the grounds they rest on. Every function of the API gives rows of this one.
-- Parameters: edges, by_level and filters as those of romashka.kpi_sums; figures, by
--   the names of romashka.kpi_catalogue; up to how many conversations percentiles and
--   customers are counted one by one; fresh, see romashka.kpi_waiting.
-- Rows: slot, key, place in the catalogue, figure; value, NULL with a reason; its
--   unit; numerator and denominator, of a percentile only the latter; low and high,
--   the 95 % interval of a share (Wilson) or of an estimate.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
--
-- The list of columns is that of the table, when this file is applied.
DO $build$
BEGIN
  EXECUTE replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_report(edges timestamptz[], by_level text, filters text[], figures text[], few integer DEFAULT 5000,
  fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS TABLE (slot integer, key text, place integer, figure text, value numeric, unit text, numerator numeric, denominator numeric,
  low numeric, high numeric, reason text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_mergejoin = 'off' AS $$ -- which would sort rows with all sums of their groups
DECLARE
  last    CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  names   CONSTANT text[] := '{[names],missed}'; -- of the sums of a group, in their order
  slots   integer[]; -- of each group
  keys    text[];
  sums    bigint[];  -- a row for each group
  metrics CONSTANT text[] := ARRAY(SELECT DISTINCT c.numerator FROM romashka.kpi_catalogue() AS c
                                   WHERE c.kind IN ('p50', 'p90') AND c.figure = ANY (figures));
  span    bigint; -- conversations of the range, whatever is filtered: as many would be looked at one by one
  most    CONSTANT bigint := few * CASE by_level WHEN 'all' THEN 10 ELSE 4 END; -- customers counted one by one
  parts   integer; -- customers are counted in one of so many parts
  exact   boolean;
  young   jsonb := '{}'; -- unanswered for less than three hours: not missed yet
  stale   CONSTANT boolean := EXISTS (SELECT FROM romashka.kpi_state AS s WHERE s.ready AND s.settings <> romashka.kpi_depends());
  unset   CONSTANT text[] := ARRAY(SELECT n FROM unnest('{business_hours,kpi_targets}'::text[]) AS s (n) WHERE romashka.setting(n) IS NULL);
BEGIN
  IF figures = '{}' THEN
    RETURN;
  END IF;
  fresh := COALESCE(fresh, romashka.kpi_waiting(edges[1], last));
  IF figures && '{missed,missed_rate}' THEN -- of any range: a customer may write first long after the beginning
    SELECT COALESCE(pg_catalog.jsonb_object_agg(y.slot || ' ' || y.key, y.n), '{}') INTO young
    FROM (
      SELECT pg_catalog.width_bucket(f.started_at, edges) AS slot, k.key, count(*) AS n
      FROM romashka.kpi_unanswered(edges[1], last, fresh) AS f
      CROSS JOIN LATERAL unnest(CASE by_level WHEN 'all' THEN '{""}' WHEN 'channel' THEN ARRAY[f.channel] WHEN 'team' THEN ARRAY[f.team]
        WHEN 'agent' THEN ARRAY[f.agent] WHEN 'priority' THEN ARRAY[f.priority] WHEN 'language' THEN ARRAY[f.language]
        WHEN 'topic' THEN ARRAY[f.topic]
      WHEN 'reason' THEN CASE WHEN f.handoffs = 1 THEN ARRAY[COALESCE(f.handoff_reason, 'not stated')] ELSE '{}' END ELSE ARRAY(SELECT DISTINCT t FROM unnest(f.tags) AS u (t)) END) AS k (key)
      WHERE (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
        AND (filters[3] IS NULL OR f.agent = filters[3]) AND (filters[4] IS NULL OR f.priority = filters[4])
        AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.topic = filters[6])
      GROUP BY 1, 2
    ) AS y;
  END IF;
  SELECT COALESCE(pg_catalog.array_agg(g.slot), '{}'), pg_catalog.array_agg(g.value),
         pg_catalog.array_agg(ARRAY[[sums], g.late + g.unanswered - COALESCE((young ->> (g.slot || ' ' || g.value))::bigint, 0)]),
         COALESCE(sum(g.conversations), 0)
    INTO slots, keys, sums, span
  FROM (SELECT pg_catalog.array_position(edges, s.bucket) AS slot, s.* FROM romashka.kpi_sums(edges, by_level, filters, fresh) AS s WHERE s.conversations > 0) AS g;
  IF filters <> '{NULL,NULL,NULL,NULL,NULL,NULL}' OR by_level IN ('tag', 'reason') THEN
    span := romashka.kpi_span(edges[1], last);
  END IF;
  parts := CASE WHEN span <= most THEN 1 WHEN span <= 1000000 THEN 16 WHEN span <= 4000000 THEN 64 WHEN span <= 16000000 THEN 256 ELSE 1024 END;
  exact := span <= few; -- whatever is filtered or grouped: reports of one range agree
  RETURN QUERY
  WITH chosen AS MATERIALIZED (
    SELECT c.*, pg_catalog.array_position(names, c.numerator) AS top, pg_catalog.array_position(names, c.denominator) AS bottom,
           CASE WHEN c.kind = 'none' THEN 'of agents alone, see get_agent_performance'
                WHEN c.needs = ANY (unset) THEN 'setting ' || c.needs || ' is not set'
                WHEN stale AND c.needs IS NOT NULL THEN 'settings have changed, and the job kpi has not run since' END AS lacking
    FROM romashka.kpi_catalogue() AS c WHERE c.figure = ANY (figures)
  ), every AS ( -- place 0 has no sums
    SELECT i AS n, slots[i] AS slot, keys[i] AS key FROM pg_catalog.generate_subscripts(slots, 1) AS g (i)
    UNION ALL
    SELECT 0, s.n, '' FROM pg_catalog.generate_series(1, pg_catalog.cardinality(edges) - 1) AS s (n) WHERE by_level = 'all' AND s.n <> ALL (slots)
  ), ranked AS (
    SELECT w.slot, w.key, w.metric, w.wait,
           sum(w.n) OVER (PARTITION BY w.slot, w.key, w.metric ORDER BY w.wait ROWS UNBOUNDED PRECEDING) AS up_to,
           sum(w.n) OVER (PARTITION BY w.slot, w.key, w.metric) AS n
    FROM ( -- C is compared faster; of whole numbers a sum of numeric takes longer
      SELECT d.slot, d.key COLLATE "C" AS key, pg_catalog.array_position(metrics, d.metric) AS metric, d.wait, d.n::double precision AS n
      FROM romashka.kpi_waits(edges, by_level, filters, metrics, exact, fresh) AS d
    ) AS w
    WHERE metrics <> '{}'
  ), percentile AS (
    SELECT r.slot, r.key, r.metric, max(r.n)::numeric AS n,
           min(r.wait) FILTER (WHERE r.up_to * 2 >= r.n) AS p50, min(r.wait) FILTER (WHERE r.up_to * 10 >= r.n * 9) AS p90
    FROM ranked AS r GROUP BY r.slot, r.key, r.metric
  ), contact AS (
    SELECT c.slot, c.key, c.customers FROM romashka.kpi_contacts(edges, by_level, filters, parts, fresh) AS c
    WHERE 'contacts' = ANY (figures)
  ), raw AS (
    SELECT e.slot, e.key, c.*,
           CASE WHEN c.kind IN ('count', 'sum', 'rate', 'rating_rate', 'mean') THEN COALESCE(sums[e.n][c.top], 0)::numeric / c.scale
                WHEN c.kind = 'contacts' THEN COALESCE(t.customers, 0) * parts END AS num,
           CASE WHEN c.kind IN ('rate', 'rating_rate', 'mean') THEN COALESCE(sums[e.n][c.bottom], 0)::numeric
                WHEN c.kind IN ('p50', 'p90') THEN COALESCE(p.n, 0) END AS den,
           (CASE c.kind WHEN 'p50' THEN p.p50 WHEN 'p90' THEN p.p90 END)::numeric / c.scale AS wait,
           COALESCE(t.customers, 0) AS customers
    FROM every AS e
    CROSS JOIN chosen AS c
    LEFT JOIN percentile AS p ON c.kind IN ('p50', 'p90') AND p.slot = e.slot AND p.key = e.key COLLATE "C" AND p.metric = pg_catalog.array_position(metrics, c.numerator)
    LEFT JOIN contact AS t ON c.kind = 'contacts' AND t.slot = e.slot AND t.key = e.key
    OFFSET 0 -- so that each is computed once, not wherever it is named
  ), judged AS ( -- share: an interval is shown
    SELECT r.*, r.kind IN ('rate', 'rating_rate') AND r.den > 0 AND r.den >= r.fewest AND r.lacking IS NULL AND r.num BETWEEN 0 AND r.den AS share,
           CASE WHEN r.lacking IS NOT NULL THEN r.lacking
                WHEN r.den = 0 THEN 'no rows'
                WHEN r.den < r.fewest THEN pg_catalog.format('fewer than %s rows', r.fewest) END AS why
    FROM raw AS r
    OFFSET 0
  ), bounded AS ( -- Wilson's, as kpi_wilson gives it; a call of it took more time than all else of a row
    SELECT j.*, CASE WHEN j.share THEN 1.96 * pg_catalog.sqrt(j.num * (j.den - j.num) / j.den + 0.9604) END AS half
    FROM judged AS j
    OFFSET 0
  )
  SELECT j.slot, j.key, j.place, j.figure,
         CASE WHEN j.why IS NOT NULL THEN NULL
              WHEN j.kind IN ('count', 'sum', 'contacts') THEN pg_catalog.trim_scale(j.num)
              WHEN j.kind IN ('p50', 'p90') THEN pg_catalog.trim_scale(pg_catalog.round(j.wait, 3))
              ELSE pg_catalog.trim_scale(pg_catalog.round(j.num / j.den, 6)) END,
         j.unit, pg_catalog.trim_scale(j.num), j.den,
         CASE WHEN j.share THEN pg_catalog.round(GREATEST(0, (j.num + 1.9208 - j.half) / (j.den + 3.8416)), 6)
              WHEN j.kind = 'contacts' AND parts > 1 THEN pg_catalog.round(GREATEST(j.num - 1.96 * parts * pg_catalog.sqrt(j.customers::numeric * (parts - 1) / parts), 0)) END,
         CASE WHEN j.share THEN pg_catalog.round(LEAST(1, (j.num + 1.9208 + j.half) / (j.den + 3.8416)), 6)
              WHEN j.kind = 'contacts' AND parts > 1 THEN pg_catalog.round(j.num + 1.96 * parts * pg_catalog.sqrt(j.customers::numeric * (parts - 1) / parts)) END,
         CASE WHEN j.why IS NOT NULL THEN j.why
              WHEN j.kind IN ('p50', 'p90') AND NOT exact THEN 'within 2 %'
              WHEN j.kind = 'contacts' AND parts > 1 THEN 'estimated from one customer in ' || parts END
  FROM bounded AS j
  ORDER BY j.slot, j.key, j.place;
END
$$
  $function$, '[names]', (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_catalog.pg_attribute
      WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped)),
    '[sums]', (SELECT string_agg('g.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
      WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped));
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_report(timestamptz[], text, text[], text[], integer, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_report(timestamptz[], text, text[], text[], integer, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_report(timestamptz[], text, text[], text[], integer, romashka.kpi_facts[]) IS 'Figures of conversations, with the grounds they rest on';
$text$;
made := to_regprocedure('romashka.kpi_report(timestamp with time zone[], text, text[], text[], integer, romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_report', 'romashka.kpi_report(timestamp with time zone[], text, text[], text[], integer, romashka.kpi_facts[])', wanted, now(), s.definition
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
