-- Written by `make generate` from functions/kpi_fill_cubes.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:7256f847b489158b0558e0a432ef5e31f4fb0e348da0d4c0253720a956b593ab' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_cubes}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fill_cubes(timestamp with time zone[], bigint[], text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fill_cubes' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fill_cubes' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fill_cubes(timestamp with time zone[], bigint[], text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fill_cubes(timestamp with time zone[], bigint[], text)
-- depends: romashka.kpi_cubes
-- Purpose: makes romashka.kpi_cubes of some days anew of their facts.
-- Parameters: the beginnings of the days; the combinations of channel, team, priority and
--   language that have changed in them, NULL for all; the zone of days.
-- Who: the owner, as romashka.refresh_kpi() is.
--
-- The list of columns is that of romashka.kpi_cells, when this file is applied.
DO $build$
BEGIN
  EXECUTE replace(replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_fill_cubes(days timestamptz[], combinations bigint[], zone text)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' SET enable_sort = 'off' SET enable_mergejoin = 'off' AS $$
BEGIN
  DELETE FROM romashka.kpi_cubes AS c
  WHERE c.bucket = ANY (days) AND (combinations IS NULL OR c.combination = ANY (combinations));
  INSERT INTO romashka.kpi_cubes
  WITH sums AS (
    SELECT 'd'::"char" AS grain, l.level, d.bucket, l.value, [total], f.channel, f.team, f.priority, f.language, min(f.combination) AS combination
    FROM [facts]
    CROSS JOIN LATERAL (
      VALUES ('all', ''), ('agent', f.agent), ('topic', f.topic)
      UNION ALL SELECT DISTINCT 'tag', t FROM unnest(f.tags) AS u (t)
      UNION ALL SELECT 'reason', COALESCE(f.handoff_reason, 'not stated') WHERE f.handoffs = 1
    ) AS l (level, value)
    WHERE [changed]
    GROUP BY l.level, d.bucket, l.value, f.channel, f.team, f.priority, f.language
  ), coded AS MATERIALIZED ( -- each fact with its waits, and with its scores, once
    SELECT d.bucket, f.channel, f.team, f.priority, f.language, f.agent, f.topic, f.tags,
           ARRAY(SELECT (v.metric * 2000 + CASE WHEN v.wait <= 0 THEN 0 ELSE 1 + pg_catalog.ceil(pg_catalog.ln(v.wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)) END)::smallint -- kpi_bin
                 FROM (VALUES (0, f.response_wait), (1, f.ai_wait), (2, f.human_wait), (3, f.business_wait), (4, f.resolution_wait)) AS v (metric, wait)
                 WHERE v.wait IS NOT NULL) AS waits,
           f.ai_scores AS scores
    FROM [facts]
    WHERE [changed]
  ), counted AS (
    SELECT w.level, w.bucket, w.value, w.channel, w.team, w.priority, w.language, w.bin, sum(w.n) AS n
    FROM (
      SELECT l.level, c.bucket, l.value, c.channel, c.team, c.priority, c.language, u.bin, 1 AS n
      FROM coded AS c
      CROSS JOIN LATERAL (
        VALUES ('all', ''), ('agent', c.agent), ('topic', c.topic)
        UNION ALL SELECT DISTINCT 'tag', t FROM unnest(c.tags) AS u (t)
      ) AS l (level, value)
      CROSS JOIN LATERAL unnest(c.waits) AS u (bin)
      UNION ALL
      SELECT l.level, c.bucket, l.value, c.channel, c.team, c.priority, c.language, (m.metric * 2000 + LEAST(s.score / 10, 9))::smallint, m.n
      FROM coded AS c
      CROSS JOIN LATERAL (SELECT CASE WHEN u.s < 0 THEN -1 - u.s ELSE u.s END AS score, u.s >= 0 AS good FROM unnest(c.scores) AS u (s)) AS s
      CROSS JOIN LATERAL (VALUES (5, 1), (6, s.good::integer), (7, s.score::integer)) AS m (metric, n)
      CROSS JOIN LATERAL (VALUES ('all', ''), ('agent', c.agent)) AS l (level, value)
      WHERE m.n > 0
    ) AS w
    GROUP BY w.level, w.bucket, w.value, w.channel, w.team, w.priority, w.language, w.bin
  ), waits AS ( -- put in order afterwards, which is cheaper than to sort by texts
    SELECT c.level, c.bucket, c.value, c.channel, c.team, c.priority, c.language, pg_catalog.array_agg(c.bin::bigint << 32 | c.n) AS pairs
    FROM counted AS c
    GROUP BY c.level, c.bucket, c.value, c.channel, c.team, c.priority, c.language
  )
  SELECT s.*, COALESCE(p.bins, '{}'), COALESCE(p.counts, '{}')
  FROM sums AS s
  LEFT JOIN waits AS w USING (level, bucket, value, channel, team, priority, language)
  CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg((u.pair >> 32)::smallint ORDER BY u.pair) AS bins, pg_catalog.array_agg((u.pair & 4294967295)::integer ORDER BY u.pair) AS counts
    FROM unnest(w.pairs) AS u (pair)
  ) AS p
  ORDER BY s.bucket, s.level, s.combination, s.value; -- what a question of a few combinations reads lies together
END
$$
  $function$,
    '[facts]', $t$unnest(days) AS d (bucket)
      CROSS JOIN LATERAL (SELECT romashka.kpi_midnight((d.bucket AT TIME ZONE zone)::date + 1, zone) AS until) AS e
      JOIN romashka.kpi_facts AS f ON f.started_at >= d.bucket AND f.started_at < e.until$t$),
    '[total]', (SELECT string_agg('sum(f.' || quote_ident(attname) || ') AS ' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
    WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped)),
    '[changed]', $t$(combinations IS NULL OR f.combination = ANY (combinations))$t$);
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_cubes(timestamptz[], bigint[], text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_cubes(timestamptz[], bigint[], text) IS 'Makes sums by combinations anew of their facts';
$text$;
made := to_regprocedure('romashka.kpi_fill_cubes(timestamp with time zone[], bigint[], text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fill_cubes', 'romashka.kpi_fill_cubes(timestamp with time zone[], bigint[], text)', wanted, now(), s.definition
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
