-- Written by `make generate` from functions/kpi_sums.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d4ea90c6eb3a9e5bf61e003a37bc1cdc6e956eaf21eb881f6801f148c4e742e7' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_cells}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_sums(timestamp with time zone[], text, text[], romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_sums' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_sums' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_sums(timestamp with time zone[], text, text[], romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_sums(timestamp with time zone[], text, text[], romashka.kpi_facts[])
-- depends: romashka.kpi_cells
-- Purpose: adds up the facts of conversations that started between edges. Days and
--   hours come from their cells, with one filter and another grouping, and topics and tags
--   with two, days from pairs, with more filters from cubes, the ends of ranges from facts, and conversations changed since
--   are taken out as they were and put in as they are, so that no figure is old.
-- Parameters: edges, ascending; the key to group by: all, channel, team, agent,
--   priority, language, topic, tag, reason (of handoffs); filters, in the order channel, team, agent,
--   priority, language, topic, NULL for none; fresh, see romashka.kpi_waiting.
-- Rows: as romashka.kpi_cells: bucket is the edge at which a range begins, value
--   that of the group. A group that counts nothing may be missing.
-- Who: the functions of this schema, with the caller's rights. Where the caller may
--   not read all conversations (romashka.sees_whole), or no cells are filled, rows
--   are read anew.
--
-- The list of columns is that of the table, when this file is applied.
DO $build$
DECLARE
  plus text; minus text; total text; kept text;
  several text := $t$RETURN QUERY
    SELECT 'x'::"char", by_level, edges[p.slot], p.key, [total]
    FROM (
      SELECT q.slot, [key of cube] AS key, 'x'::"char", '', f.bucket, '', [kept]
      FROM romashka.kpi_pieces(edges, state.zone, state.minutes, true, false) AS q
      [cubes]
      WHERE NOT paired AND q.kind = 'd' AND [filters of cube]
      UNION ALL
      SELECT q.slot, f.value, 'x'::"char", '', f.bucket, '', [kept]
      FROM romashka.kpi_pieces(edges, state.zone, state.minutes, true, false) AS q
      CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_pairs AS i WHERE i.dimension = dimensions AND i.wanted = one AND i.level = by_level AND i.bucket >= q.lo AND i.bucket < q.hi OFFSET 0) AS f
      WHERE paired AND q.kind = 'd'
      UNION ALL
      SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, 'x'::"char", '', f.started_at, '', [plus]
      FROM unnest(starts, ends) AS q (lo, hi)
      [facts]
      CROSS JOIN LATERAL [keys]
      WHERE [filters]
[changes]
    ) AS p
    GROUP BY p.slot, p.key$t$;
BEGIN
  SELECT string_agg('f.' || quote_ident(attname) || '::bigint', ', ' ORDER BY attnum),
         string_agg('-f.' || quote_ident(attname) || '::bigint', ', ' ORDER BY attnum),
         string_agg('sum(p.' || quote_ident(attname) || ')::bigint', ', ' ORDER BY attnum),
         string_agg('f.' || quote_ident(attname), ', ' ORDER BY attnum)
    INTO plus, minus, total, kept
  FROM pg_catalog.pg_attribute
  WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped;

  EXECUTE replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_sums(edges timestamptz[], by_level text, filters text[], fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS SETOF romashka.kpi_cells LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' SET enable_sort = 'off' AS $$
DECLARE
  names CONSTANT text[] := '{channel,team,agent,priority,language,topic}';
  last  CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  set_filters CONSTANT text[] := ARRAY(SELECT names[i] FROM pg_catalog.generate_series(1, 6) AS g (i) WHERE filters[i] IS NOT NULL);
  state romashka.kpi_state;
  changed uuid[];
  lvl text;
  wanted text; -- the one value of that level
  cells boolean; -- one level of cells answers
  cube  text;    -- the level of cubes that answers
  paired boolean; -- pairs answer
  dimensions CONSTANT text := pg_catalog.array_to_string(set_filters, ','); -- of their filters
  one    text;    -- the value, of two the array of both
  starts timestamptz[]; -- of what is read from facts
  ends   timestamptz[];
  combinations bigint[]; -- of channel, team, priority and language that the filters leave
BEGIN
  SELECT * INTO state FROM romashka.kpi_state WHERE ready;
  SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) INTO changed FROM romashka.kpi_changes AS c;
  IF state.ready IS NOT TRUE OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY
    SELECT p.grain, p.level, edges[p.slot], p.key, [total]
    FROM (SELECT 'x'::"char" AS grain, by_level AS level, pg_catalog.width_bucket(f.started_at, edges) AS slot, k.key, f.*
          FROM romashka.kpi_read_facts(NULL, edges[1], last) AS f CROSS JOIN LATERAL [keys] WHERE [filters]) AS p
    GROUP BY p.grain, p.level, p.slot, p.key;
    RETURN;
  END IF;

  lvl := CASE WHEN by_level = 'all' AND pg_catalog.cardinality(set_filters) = 1 THEN set_filters[1] ELSE by_level END;
  cells := pg_catalog.cardinality(set_filters) = 0 OR set_filters = ARRAY[lvl];
  wanted := CASE WHEN cells THEN filters[pg_catalog.array_position(names, lvl)] END;
  IF NOT cells AND state.cubes AND filters[1:5] <> '{NULL,NULL,NULL,NULL,NULL}' THEN
    paired := CASE pg_catalog.cardinality(set_filters) WHEN 1 THEN state.pairs
      WHEN 2 THEN state.pairs_of_two AND by_level IN ('topic', 'tag') AND filters[6] IS NULL AND (filters[3] IS NULL OR filters[3] = 'none') ELSE false END;
    one := CASE WHEN set_filters[2] IS NULL THEN filters[pg_catalog.array_position(names, set_filters[1])] ELSE pg_catalog.array_remove(filters, NULL)::text END;
    cube := romashka.kpi_cube(by_level, filters);
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
  WITH pieces AS MATERIALIZED (SELECT * FROM romashka.kpi_pieces(edges, state.zone, state.minutes, cells, cells))
  SELECT 'x'::"char", by_level, edges[p.slot], p.key, [total]
  FROM (
    SELECT q.slot, CASE WHEN by_level = 'all' THEN '' ELSE f.value END AS key, f.*
    FROM pieces AS q
    JOIN romashka.kpi_cells AS f ON f.grain = q.kind AND f.bucket >= q.lo AND f.bucket < q.hi
    WHERE q.kind <> 'f' AND f.level = lvl AND (wanted IS NULL OR f.value = wanted)
    UNION ALL
    SELECT q.slot, k.key, 'x'::"char", '', f.started_at, '', [plus]
    FROM pieces AS q
    JOIN romashka.kpi_facts AS f ON f.started_at >= q.lo AND f.started_at < q.hi
    CROSS JOIN LATERAL [keys]
    WHERE q.kind = 'f' AND [filters]
[changes]
  ) AS p
  GROUP BY p.slot, p.key;
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
    SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, 'x'::"char", '', f.started_at, '', [minus]
    FROM romashka.kpi_facts AS f
    CROSS JOIN LATERAL [keys]
    WHERE changed IS NOT NULL AND f.conversation_id = ANY (changed) AND f.started_at >= edges[1] AND f.started_at < last AND [filters]
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), k.key, 'x'::"char", '', f.started_at, '', [plus]
    FROM romashka.kpi_fresh(changed, edges[1], last, fresh) AS f
    CROSS JOIN LATERAL [keys]
    WHERE changed IS NOT NULL AND [filters]$t$),
    '[keys]', $t$unnest(CASE by_level WHEN 'all' THEN '{""}' WHEN 'channel' THEN ARRAY[f.channel] WHEN 'team' THEN ARRAY[f.team] WHEN 'agent' THEN ARRAY[f.agent]
      WHEN 'priority' THEN ARRAY[f.priority] WHEN 'language' THEN ARRAY[f.language] WHEN 'topic' THEN ARRAY[f.topic]
      WHEN 'reason' THEN CASE WHEN f.handoffs = 1 THEN ARRAY[COALESCE(f.handoff_reason, 'not stated')] ELSE '{}' END
      ELSE CASE WHEN pg_catalog.cardinality(f.tags) <= 1 THEN f.tags ELSE ARRAY(SELECT DISTINCT t FROM unnest(f.tags) AS u (t)) END END) AS k (key)$t$),
    '[key of cube]', $t$CASE by_level WHEN 'all' THEN '' WHEN 'channel' THEN f.channel WHEN 'team' THEN f.team WHEN 'priority' THEN f.priority WHEN 'language' THEN f.language ELSE f.value END$t$),
    '[filters of cube]', $t$(filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.value = filters[6])$t$),
    '[kept]', kept),
    '[total]', total), '[plus]', plus), '[minus]', minus),
    '[filters]', $t$((filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2])
      AND (filters[3] IS NULL OR f.agent = filters[3]) AND (filters[4] IS NULL OR f.priority = filters[4])
      AND (filters[5] IS NULL OR f.language = filters[5]) AND (filters[6] IS NULL OR f.topic = filters[6]))$t$);
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_sums(timestamptz[], text, text[], romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_sums(timestamptz[], text, text[], romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_sums(timestamptz[], text, text[], romashka.kpi_facts[]) IS 'Adds up the facts of conversations that started between edges';
$text$;
made := to_regprocedure('romashka.kpi_sums(timestamp with time zone[], text, text[], romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_sums', 'romashka.kpi_sums(timestamp with time zone[], text, text[], romashka.kpi_facts[])', wanted, now(), s.definition
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
