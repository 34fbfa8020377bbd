-- Written by `make generate` from functions/kpi_fill_pairs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:ecef7f97dd564544a4c915e38c2711e38fe0441518a584be9ac63e852b587a57' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_pairs}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fill_pairs(timestamp with time zone, text[], text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fill_pairs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fill_pairs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fill_pairs(timestamp with time zone, text[], text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fill_pairs(timestamp with time zone, text[], text)
-- depends: romashka.kpi_pairs
-- Purpose: makes romashka.kpi_pairs of a day anew of its cubes, and an agent's topics,
--   tags and reasons, which those do not have, of its facts. By two filters at once it has
--   topics and tags, of agents those of the agent none alone: dimension is then both, with a
--   comma, and wanted the array of both values.
-- Parameters: the beginning of the day; the filters whose conversations have changed
--   in it, each as dimension=value, NULL for all; the zone of days.
-- Who: the owner, as romashka.refresh_kpi() is, after romashka.kpi_fill_cubes.
--
-- The list of columns is that of romashka.kpi_cells, when this file is applied.
DO $build$
BEGIN
  EXECUTE replace(replace(replace(replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_fill_pairs(day timestamptz, filters text[], zone text)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' SET enable_seqscan = 'off' SET enable_sort = 'off' SET enable_mergejoin = 'off' AS $$
DECLARE
  until CONSTANT timestamptz := romashka.kpi_midnight((day AT TIME ZONE zone)::date + 1, zone);
BEGIN
  DELETE FROM romashka.kpi_pairs AS p
  WHERE p.bucket = day AND (filters IS NULL OR CASE WHEN p.dimension LIKE '%,%'
    THEN pg_catalog.split_part(p.dimension, ',', 1) || '=' || (p.wanted::text[])[1] = ANY (filters) AND pg_catalog.split_part(p.dimension, ',', 2) || '=' || (p.wanted::text[])[2] = ANY (filters)
    ELSE p.dimension || '=' || p.wanted = ANY (filters) END);
  INSERT INTO romashka.kpi_pairs
  WITH sums AS MATERIALIZED ( -- with numbers: to group all waits by texts took most of the time
    SELECT pg_catalog.row_number() OVER () AS id, s.*
    FROM (
      SELECT l.dimension, l.wanted, l.level, l.value, [total]
      FROM [cubes]
      GROUP BY l.dimension, l.wanted, l.level, l.value
      UNION ALL
      SELECT d.dimension, d.wanted, l.level, l.value, [total]
      FROM romashka.kpi_facts AS f
      CROSS JOIN LATERAL (
        VALUES ('topic', f.topic)
        UNION ALL SELECT DISTINCT 'tag', t FROM unnest(f.tags) AS u (t)
        UNION ALL SELECT 'reason', COALESCE(f.handoff_reason, 'not stated') WHERE f.handoffs = 1
      ) AS l (level, value)
      CROSS JOIN LATERAL ([of agents]) AS d
      WHERE [facts] AND (d.dimension = 'agent' OR l.level <> 'reason')
      GROUP BY d.dimension, d.wanted, l.level, l.value
    ) AS s
  ), counted AS (
    SELECT u.id, u.bin, sum(COALESCE(u.n, 1)) AS n
    FROM (
      SELECT s.id, unnest(c.bins) AS bin, unnest(c.counts) AS n
      FROM (
        SELECT l.dimension, l.wanted, l.level, l.value, f.bins, f.counts
        FROM [cubes]
        UNION ALL
        SELECT d.dimension, d.wanted, l.level, l.value, f.waits, '{}' -- each counts 1
        FROM (
          SELECT f.agent, f.topic, f.tags, f.channel, f.team, f.priority, f.language,
                 ARRAY(SELECT (v.metric * 2000 + CASE WHEN v.wait <= 0 THEN 0 ELSE 1 + pg_catalog.ceil(pg_catalog.ln(v.wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)) END)::smallint -- kpi_bin
                       FROM (VALUES (0, f.response_wait), (1, f.ai_wait), (2, f.human_wait), (3, f.business_wait), (4, f.resolution_wait)) AS v (metric, wait)
                       WHERE v.wait IS NOT NULL) AS waits
          FROM romashka.kpi_facts AS f
          WHERE [facts]
          OFFSET 0 -- once for all that it counts in
        ) AS f
        CROSS JOIN LATERAL (
          VALUES ('topic', f.topic)
          UNION ALL SELECT DISTINCT 'tag', t FROM unnest(f.tags) AS u (t)
        ) AS l (level, value)
        CROSS JOIN LATERAL ([of agents]) AS d
      ) AS c
      JOIN sums AS s USING (dimension, wanted, level, value)
    ) AS u
    WHERE u.bin < 10000 -- scores are counted for all and for agents alone
    GROUP BY u.id, u.bin
  ), waits AS (
    SELECT c.id, pg_catalog.array_agg(c.bin::bigint << 32 | c.n) AS pairs FROM counted AS c GROUP BY c.id
  ), made AS MATERIALIZED (
    SELECT s.*, COALESCE(p.bins, '{}') AS bins, COALESCE(p.counts, '{}') AS counts
    FROM sums AS s
    LEFT JOIN waits AS w USING (id)
    CROSS JOIN LATERAL (
      SELECT pg_catalog.array_agg((u.pair >> 32)::smallint ORDER BY u.pair) AS bins, pg_catalog.array_agg((u.pair & 4294967295)::integer ORDER BY u.pair) AS counts
      FROM unnest(w.pairs) AS u (pair)
    ) AS p
  )
  SELECT 'd', r.level, day, r.value, [columns], r.dimension, r.wanted, m.bins, m.counts
  FROM made AS m
  CROSS JOIN LATERAL ( -- teams of a channel are channels of a team
    VALUES (m.dimension, m.wanted, m.level, m.value), (CASE WHEN m.level IN ('team', 'agent', 'priority', 'language') THEN m.level END, m.value, m.dimension, m.wanted)
  ) AS r (dimension, wanted, level, value)
  WHERE r.dimension IS NOT NULL AND (filters IS NULL OR r.dimension LIKE '%,%' OR r.dimension || '=' || r.wanted = ANY (filters))
  ORDER BY r.dimension, r.wanted, r.level, r.value; -- what a question reads lies together
END
$$
  $function$,
    '[cubes]', $t$romashka.kpi_cubes AS f
      CROSS JOIN LATERAL (
        SELECT w.dimension, w.wanted, f.level, f.value, w.dimension || '=' || w.wanted = ANY (filters) OR f.level || '=' || f.value = ANY (filters) AS asked
        FROM (VALUES ('channel', f.channel), ('team', f.team), ('priority', f.priority), ('language', f.language)) AS w (dimension, wanted)
        WHERE f.level <> 'all'
        UNION ALL
        SELECT CASE f.level WHEN 'all' THEN b.dimension ELSE b.dimension || ',' || b.level END, CASE f.level WHEN 'all' THEN b.wanted ELSE ARRAY[b.wanted, b.value]::text END,
               CASE f.level WHEN 'all' THEN b.level ELSE f.level END, CASE f.level WHEN 'all' THEN b.value ELSE f.value END,
               CASE f.level WHEN 'all' THEN b.dimension || '=' || b.wanted = ANY (filters) OR b.level || '=' || b.value = ANY (filters)
                 ELSE b.dimension || '=' || b.wanted = ANY (filters) AND b.level || '=' || b.value = ANY (filters) END
        FROM (VALUES ('channel', f.channel, 'team', f.team), ('channel', f.channel, 'priority', f.priority), ('channel', f.channel, 'language', f.language),
          ('team', f.team, 'priority', f.priority), ('team', f.team, 'language', f.language), ('priority', f.priority, 'language', f.language)) AS b (dimension, wanted, level, value)
        WHERE f.level IN ('all', 'topic', 'tag')
      ) AS l
      WHERE f.bucket = day AND (filters IS NULL OR l.asked)$t$),
    '[of agents]', $t$SELECT 'agent' AS dimension, f.agent AS wanted
        UNION ALL
        SELECT n.dimension, n.wanted::text
        FROM (VALUES ('channel,agent', 'channel=' || f.channel, ARRAY[f.channel, f.agent]), ('team,agent', 'team=' || f.team, ARRAY[f.team, f.agent]),
          ('agent,priority', 'priority=' || f.priority, ARRAY[f.agent, f.priority]), ('agent,language', 'language=' || f.language, ARRAY[f.agent, f.language])) AS n (dimension, other, wanted)
        WHERE f.agent = 'none' AND (filters IS NULL OR n.other = ANY (filters))$t$),
    '[facts]', $t$f.started_at >= day AND f.started_at < until AND (filters IS NULL OR 'agent=' || f.agent = ANY (filters))$t$),
    '[total]', (SELECT string_agg('sum(f.' || quote_ident(attname) || ') AS ' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
    WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped)),
    '[columns]', (SELECT string_agg('m.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
    WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped));
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_pairs(timestamptz, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_pairs(timestamptz, text[], text) IS 'Makes sums by one filter anew of cubes and facts';
$text$;
made := to_regprocedure('romashka.kpi_fill_pairs(timestamp with time zone, text[], text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fill_pairs', 'romashka.kpi_fill_pairs(timestamp with time zone, text[], text)', wanted, now(), s.definition
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
