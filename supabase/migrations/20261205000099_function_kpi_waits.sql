-- Written by `make generate` from functions/kpi_waits.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:1632b1a131a53494ee40ef8e6741d2cac0cdbbd7e86d4377d296fcd3255a5f84' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_waits(timestamp with time zone[], text, text[], text[], boolean, romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_waits' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_waits' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_waits(timestamp with time zone[], text, text[], text[], boolean, romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_waits(timestamp with time zone[], text, text[], text[], boolean, romashka.kpi_facts[])
-- depends: romashka.kpi_facts
-- Purpose: the waits of conversations that started between edges as histograms, or,
--   where there are few, each by itself.
-- Parameters: edges, by_level and filters as those of romashka.kpi_sums; metrics:
--   response, ai_response, human_response, business_response, resolution, score,
--   score_good, score_sum; exact: each wait by itself, not its bin;
--   fresh, see romashka.kpi_waiting.
-- Rows: slot, key, metric, wait in milliseconds (of a bin its middle; of a score its
--   tenth, 0 to 9), how many.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
DO $build$
DECLARE
  keys text := $t$unnest(CASE by_level WHEN 'all' THEN '{""}' WHEN 'channel' THEN ARRAY[f.channel] WHEN 'team' THEN ARRAY[f.team] WHEN 'agent' THEN ARRAY[f.agent]
      WHEN 'priority' THEN ARRAY[f.priority] WHEN 'language' THEN ARRAY[f.language] WHEN 'topic' THEN ARRAY[f.topic]
      WHEN 'reason' THEN CASE WHEN f.handoffs = 1 THEN ARRAY[COALESCE(f.handoff_reason, 'not stated')] ELSE '{}' END
      ELSE CASE WHEN pg_catalog.cardinality(f.tags) <= 1 THEN f.tags ELSE ARRAY(SELECT DISTINCT t FROM unnest(f.tags) AS u (t)) END END) AS k (key)$t$;
  filter text := $t$((filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[3] IS NULL OR f.agent = filters[3]) AND (filters[4] IS NULL OR f.priority = filters[4])
      AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.topic = filters[6]))$t$;
  waits text := $t$(
      SELECT v.metric, CASE WHEN exact THEN v.wait WHEN v.wait <= 0 THEN 0 -- else kpi_bin, whose calls took most of the time
             ELSE (1 + pg_catalog.ceil(pg_catalog.ln(v.wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)))::bigint END AS at, 1 AS n
      FROM (VALUES ('response', f.response_wait), ('ai_response', f.ai_wait), ('human_response', f.human_wait),
        ('business_response', f.business_wait), ('resolution', f.resolution_wait)) AS v (metric, wait)
      WHERE v.wait IS NOT NULL AND v.metric = ANY (metrics)
      UNION ALL
      SELECT c.metric, LEAST(s.score / 10, 9), c.n
      FROM (SELECT CASE WHEN u.s < 0 THEN -1 - u.s ELSE u.s END AS score, u.s >= 0 AS good FROM unnest(CASE WHEN scored THEN f.ai_scores END) AS u (s)) AS s
      CROSS JOIN LATERAL (VALUES ('score', 1), ('score_good', s.good::integer), ('score_sum', s.score::integer)) AS c (metric, n)
      WHERE c.metric = ANY (metrics)
    ) AS w$t$;
  several text := $t$RETURN QUERY
    SELECT p.slot, p.key, p.metric,
           CASE WHEN exact OR p.metric LIKE 'score%' THEN p.at::double precision WHEN p.at = 0 THEN 0
                ELSE 2 * (1.02::double precision / 0.98) ^ (p.at - 1) / (1.02::double precision / 0.98 + 1) END,
           sum(p.n)::bigint
    FROM (
      SELECT c.slot, c.key, codes[c.bin / 2000 + 1] AS metric, (c.bin % 2000)::bigint AS at, c.n
      FROM (
        SELECT b.slot, b.key, b.bin, sum(b.n) AS n
        FROM (
          SELECT k.slot, k.key, unnest(k.bins) AS bin, unnest(k.counts) AS n -- in the list, for half of the time
          FROM (SELECT q.slot, [key of cube] AS key, f.bins, f.counts -- by itself: beside unnest it was computed for each bin
                FROM romashka.kpi_pieces(edges, state.zone, state.minutes, true, false) AS q
                [cubes]
                WHERE NOT paired AND q.kind = 'd' AND [filters of cube]
                OFFSET 0) AS k
          UNION ALL
          SELECT q.slot, f.value, unnest(f.bins), unnest(f.counts)
          FROM romashka.kpi_pieces(edges, state.zone, state.minutes, true, false) AS q
          CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_pairs AS i WHERE i.dimension = dimensions AND i.wanted = one AND i.level = by_level AND i.bucket >= q.lo AND i.bucket < q.hi OFFSET 0) AS f
          WHERE paired AND q.kind = 'd'
        ) AS b
        GROUP BY b.slot, b.key, b.bin
      ) AS c
      WHERE c.bin / 2000 + 1 = ANY (wanted_codes)
      UNION ALL
      SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, w.metric, w.at, w.n
      FROM unnest(starts, ends) AS q (lo, hi)
      [facts]
      CROSS JOIN LATERAL [keys] CROSS JOIN LATERAL [waits]
      WHERE [filter]
[changes]
    ) AS p
    GROUP BY p.slot, p.key, p.metric, p.at
    HAVING sum(p.n) > 0$t$;
BEGIN
  EXECUTE replace(replace(replace(replace(replace(replace(replace(replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_waits(edges timestamptz[], by_level text, filters text[], metrics text[], exact boolean, fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS TABLE (slot integer, key text, metric text, wait double precision, n bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' SET enable_sort = 'off' AS $$
DECLARE
  names CONSTANT text[] := '{channel,team,agent,priority,language,topic}';
  last  CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  set_filters CONSTANT text[] := ARRAY(SELECT names[i] FROM pg_catalog.generate_series(1, 6) AS g (i) WHERE filters[i] IS NOT NULL);
  state romashka.kpi_state;
  changed uuid[];
  lvl text;
  wanted text;
  cells boolean;
  cube  text;
  paired boolean;
  dimensions CONSTANT text := pg_catalog.array_to_string(set_filters, ',');
  one    text;
  starts timestamptz[];
  ends   timestamptz[];
  combinations bigint[];
  scored CONSTANT boolean := metrics && '{score,score_good,score_sum}'; -- else scores are not looked at
  codes CONSTANT text[] := '{response,ai_response,human_response,business_response,resolution,score,score_good,score_sum}'; -- of bins of cubes
  wanted_codes CONSTANT integer[] := ARRAY(SELECT c.place FROM unnest('{response,ai_response,human_response,business_response,resolution,score,score_good,score_sum}'::text[]) WITH ORDINALITY AS c (metric, place) WHERE c.metric = ANY (metrics))::integer[];
BEGIN
  SELECT * INTO state FROM romashka.kpi_state WHERE ready;
  SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) INTO changed FROM romashka.kpi_changes AS c;
  IF state.ready IS NOT TRUE OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY
    SELECT p.slot, p.key, p.metric,
           CASE WHEN exact OR p.metric LIKE 'score%' THEN p.at::double precision WHEN p.at = 0 THEN 0
                ELSE 2 * (1.02::double precision / 0.98) ^ (p.at - 1) / (1.02::double precision / 0.98 + 1) END,
           sum(p.n)
    FROM (SELECT pg_catalog.width_bucket(f.started_at, edges) AS slot, k.key, w.*
          FROM romashka.kpi_read_facts(NULL, edges[1], last) AS f CROSS JOIN LATERAL [keys] CROSS JOIN LATERAL [waits] WHERE [filter]) AS p
    GROUP BY p.slot, p.key, p.metric, p.at;
    RETURN;
  END IF;
  lvl := CASE WHEN by_level = 'all' AND pg_catalog.cardinality(set_filters) = 1 THEN set_filters[1] ELSE by_level END;
  cells := NOT exact AND (lvl = 'all' OR NOT 'score' = ANY (metrics)) AND (pg_catalog.cardinality(set_filters) = 0 OR set_filters = ARRAY[lvl]);
  wanted := CASE WHEN cells THEN filters[pg_catalog.array_position(names, lvl)] END;
  IF NOT cells AND state.cubes AND filters[1:5] <> '{NULL,NULL,NULL,NULL,NULL}' THEN
    paired := NOT exact AND NOT scored AND CASE pg_catalog.cardinality(set_filters) WHEN 1 THEN state.pairs AND by_level NOT IN ('all', 'reason') -- which pairs do not have
      WHEN 2 THEN state.pairs_of_two AND by_level IN ('topic', 'tag') AND filters[6] IS NULL AND (filters[3] IS NULL OR filters[3] = 'none') ELSE false END;
    one := CASE WHEN set_filters[2] IS NULL THEN filters[pg_catalog.array_position(names, set_filters[1])] ELSE pg_catalog.array_remove(filters, NULL)::text END;
    cube := CASE WHEN NOT exact THEN NULLIF(romashka.kpi_cube(by_level, filters), 'reason') END;
    SELECT pg_catalog.array_agg(r.lo), pg_catalog.array_agg(r.hi) INTO starts, ends FROM romashka.kpi_rest(edges, state.zone, state.minutes, paired OR cube IS NOT NULL) AS r;
    IF filters[3] IS NULL AND paired THEN
      combinations := ARRAY(SELECT DISTINCT c.combination FROM unnest(starts, ends) AS q (lo, hi) CROSS JOIN LATERAL unnest(romashka.kpi_combinations(q.lo, q.hi, filters)) AS c (combination));
    ELSIF filters[3] IS NULL OR set_filters <> '{agent}' AND starts IS NOT NULL THEN
      combinations := romashka.kpi_combinations(edges[1], last, filters);
    END IF;
    IF filters[3] IS NULL THEN
      [of cubes by combination];
    ELSIF set_filters = '{agent}' THEN
      [of cubes by agent];
    ELSE
      [of cubes by agent and combination];
    END IF;
    RETURN;
  END IF;
  RETURN QUERY
  SELECT p.slot, p.key, p.metric,
         CASE WHEN exact OR p.metric LIKE 'score%' THEN p.at::double precision WHEN p.at = 0 THEN 0
              ELSE 2 * (1.02::double precision / 0.98) ^ (p.at - 1) / (1.02::double precision / 0.98 + 1) END,
         sum(p.n)
  FROM (
    SELECT q.slot, CASE WHEN by_level = 'all' THEN '' ELSE f.value END AS key, f.metric, f.bin::bigint AS at, f.n AS n
    FROM romashka.kpi_pieces(edges, state.zone, state.minutes, cells, cells AND lvl = 'all') AS q
    JOIN romashka.kpi_bins AS f ON f.grain = q.kind AND f.bucket >= q.lo AND f.bucket < q.hi
    WHERE q.kind <> 'f' AND f.level = lvl AND f.metric = ANY (metrics) AND (wanted IS NULL OR f.value = wanted)
    UNION ALL
    SELECT q.slot, k.key, w.metric, w.at, w.n
    FROM romashka.kpi_pieces(edges, state.zone, state.minutes, cells, cells AND lvl = 'all') AS q
    JOIN romashka.kpi_facts AS f ON f.started_at >= q.lo AND f.started_at < q.hi
    CROSS JOIN LATERAL [keys] CROSS JOIN LATERAL [waits]
    WHERE q.kind = 'f' AND [filter]
[changes]
  ) AS p
  GROUP BY p.slot, p.key, p.metric, p.at
  HAVING sum(p.n) > 0;
END
$$
  $function$,
    -- OFFSET, and comparisons of rows of facts, keep each a look into the index of its own; where two indexes begin
    -- with the agent, equality does, for of a comparison of rows either would take the agent alone
    '[of cubes by combination]', replace(replace(several,
      '[cubes]', $t$CROSS JOIN unnest(combinations) AS o (combination)
        CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_cubes AS i WHERE i.level = cube AND i.combination = o.combination AND i.bucket >= q.lo AND i.bucket < q.hi OFFSET 0) AS f$t$),
      '[facts]', $t$CROSS JOIN unnest(combinations) AS o (combination)
      CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_facts AS i WHERE (i.combination, i.started_at) >= (o.combination, q.lo) AND (i.combination, i.started_at) < (o.combination, q.hi) OFFSET 0) AS f$t$)),
    '[of cubes by agent]', replace(replace(several,
      '[cubes]', $t$CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_cubes AS i WHERE i.level = cube AND i.value = filters[3] AND i.bucket >= q.lo AND i.bucket < q.hi OFFSET 0) AS f$t$),
      '[facts]', $t$CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_facts AS i WHERE i.agent = filters[3] AND i.started_at >= q.lo AND i.started_at < q.hi OFFSET 0) AS f$t$)),
    '[of cubes by agent and combination]', replace(replace(several,
      '[cubes]', $t$CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_cubes AS i WHERE i.level = cube AND i.value = filters[3] AND i.bucket >= q.lo AND i.bucket < q.hi OFFSET 0) AS f$t$),
      '[facts]', $t$CROSS JOIN unnest(combinations) AS o (combination)
      CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_facts AS i WHERE i.agent = filters[3] AND i.combination = o.combination AND i.started_at >= q.lo AND i.started_at < q.hi OFFSET 0) AS f$t$)),
    '[changes]', $t$    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, w.metric, w.at, -w.n
    FROM romashka.kpi_facts AS f CROSS JOIN LATERAL [keys] CROSS JOIN LATERAL [waits]
    WHERE changed IS NOT NULL AND f.conversation_id = ANY (changed) AND f.started_at >= edges[1] AND f.started_at < last AND [filter]
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, w.metric, w.at, w.n
    FROM romashka.kpi_fresh(changed, edges[1], last, fresh) AS f CROSS JOIN LATERAL [keys] CROSS JOIN LATERAL [waits]
    WHERE changed IS NOT NULL AND [filter]$t$),
    '[key of cube]', $t$CASE by_level WHEN 'all' THEN '' WHEN 'channel' THEN f.channel WHEN 'team' THEN f.team WHEN 'priority' THEN f.priority WHEN 'language' THEN f.language ELSE f.value END$t$),
    '[filters of cube]', $t$(filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.value = filters[6])$t$),
    '[keys]', keys), '[waits]', waits), '[filter]', filter);
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_waits(timestamptz[], text, text[], text[], boolean, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_waits(timestamptz[], text, text[], text[], boolean, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_waits(timestamptz[], text, text[], text[], boolean, romashka.kpi_facts[]) IS 'The waits of conversations as histograms';
$text$;
made := to_regprocedure('romashka.kpi_waits(timestamp with time zone[], text, text[], text[], boolean, romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_waits', 'romashka.kpi_waits(timestamp with time zone[], text, text[], text[], boolean, romashka.kpi_facts[])', wanted, now(), s.definition
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
