-- Written by `make generate` from functions/kpi_starts.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:cb6a79f18f5c5a3c8c3f7937eaef4ae51702e6929211ee1ea71af860ac08c545' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_starts(timestamp with time zone[], text[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_starts' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_starts' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_starts(timestamp with time zone[], text[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_starts(timestamp with time zone[], text[])
-- Purpose: when conversations started, with their first responses: what get_busy_hours
--   shows. By one filter cells have it, by several an index alone, for it is asked by the
--   hour, which cubes do not have.
-- Parameters: edges and filters as those of romashka.kpi_sums.
-- Rows: bucket, the edge at which a range begins; a range without conversations may be missing.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_starts(edges timestamptz[], filters text[])
RETURNS TABLE (bucket timestamptz, conversations bigint, answered bigint, response_ms bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' AS $$
DECLARE
  last    CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  combinations bigint[];
BEGIN
  IF pg_catalog.cardinality(pg_catalog.array_remove(filters, NULL)) < 2 OR filters[6] IS NOT NULL OR pg_catalog.array_position(changed, NULL) IS NOT NULL
     OR NOT EXISTS (SELECT FROM romashka.kpi_state AS s WHERE s.ready AND s.cubes) THEN
    RETURN QUERY SELECT s.bucket, s.conversations, s.answered, s.response_ms FROM romashka.kpi_sums(edges, 'all', filters) AS s;
    RETURN;
  END IF;
  combinations := romashka.kpi_combinations(edges[1], last, filters);
  RETURN QUERY
  SELECT edges[p.slot], sum(p.n)::bigint, sum(p.n * p.answered)::bigint, sum(p.n * p.response_ms)::bigint
  FROM (
    SELECT pg_catalog.width_bucket(f.started_at, edges) AS slot, 1::bigint AS n, f.answered, f.response_ms
    FROM unnest(combinations) AS o (combination)
    CROSS JOIN LATERAL (SELECT i.started_at, i.answered, i.response_ms FROM romashka.kpi_facts AS i
      WHERE (i.combination, i.started_at) >= (o.combination, edges[1]) AND (i.combination, i.started_at) < (o.combination, last) OFFSET 0) AS f
    WHERE filters[3] IS NULL
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), 1, f.answered, f.response_ms
    FROM (SELECT i.started_at, i.combination, i.answered, i.response_ms FROM romashka.kpi_facts AS i
      WHERE i.agent = filters[3] AND i.started_at >= edges[1] AND i.started_at < last OFFSET 0) AS f
    WHERE f.combination = ANY (combinations)
    UNION ALL
    SELECT pg_catalog.width_bucket(f.started_at, edges), f.n, f.answered, f.response_ms
    FROM (SELECT -1 AS n, o.* FROM romashka.kpi_facts AS o WHERE o.conversation_id = ANY (changed) AND o.started_at >= edges[1] AND o.started_at < last
          UNION ALL SELECT 1, r.* FROM romashka.kpi_read_facts(changed, edges[1], last) AS r WHERE changed IS NOT NULL) AS f
    WHERE (filters[1] IS NULL OR f.channel = filters[1]) AND (filters[2] IS NULL OR f.team = filters[2]) AND (filters[3] IS NULL OR f.agent = filters[3])
      AND (filters[4] IS NULL OR f.priority = filters[4]) AND (filters[5] IS NULL OR f.language = filters[5])
  ) AS p
  GROUP BY p.slot;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_starts(timestamptz[], text[]) IS 'When conversations started, with their first responses';
$text$;
made := to_regprocedure('romashka.kpi_starts(timestamp with time zone[], text[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_starts', 'romashka.kpi_starts(timestamp with time zone[], text[])', wanted, now(), s.definition
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
