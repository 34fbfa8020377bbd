-- Written by `make generate` from functions/kpi_fill.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:941bf6271a0f8ed0735796283429639a414b5a3a1779478e16bcf3faed2cfb01' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_cells}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fill("char", timestamp with time zone[], text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fill' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fill' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fill("char", timestamp with time zone[], text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fill("char", timestamp with time zone[], text)
-- depends: romashka.kpi_cells
-- Purpose: makes the cells and bins of some hours or days anew of their facts.
-- Parameters: grain, h or d; the beginnings of the hours or days; the zone of days.
-- Who: the owner, as romashka.refresh_kpi() is.
--
-- The list of columns is that of the table, when this file is applied.
DO $build$
BEGIN
  EXECUTE replace($function$
CREATE OR REPLACE FUNCTION romashka.kpi_fill(which "char", buckets timestamptz[], zone text)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off'
SET enable_seqscan = 'off' SET enable_hashjoin = 'off' SET enable_mergejoin = 'off' AS $$
DECLARE
  -- Days that begin and end with an hour of the cells are made of those.
  of_hours CONSTANT boolean := which = 'd' AND NOT EXISTS (
    SELECT FROM romashka.kpi_state AS s, unnest(buckets) AS b (bucket),
      LATERAL (VALUES (b.bucket), (romashka.kpi_midnight((b.bucket AT TIME ZONE kpi_fill.zone)::date + 1, kpi_fill.zone))) AS e (at)
    WHERE e.at <> pg_catalog.date_bin('1 hour', e.at, timestamptz '2000-01-01 00:00+00' + s.minutes * interval '1 minute'));
BEGIN
  DELETE FROM romashka.kpi_cells AS c WHERE c.grain = which AND c.bucket = ANY (buckets);
  DELETE FROM romashka.kpi_bins AS c WHERE c.grain = which AND c.bucket = ANY (buckets);
  IF of_hours THEN
    INSERT INTO romashka.kpi_cells
    SELECT which, f.level, b.bucket, f.value, [total]
    FROM unnest(buckets) AS b (bucket)
    CROSS JOIN LATERAL (SELECT romashka.kpi_midnight((b.bucket AT TIME ZONE zone)::date + 1, zone) AS until) AS e
    CROSS JOIN unnest('{all,channel,team,agent,priority,language,topic,tag,reason}'::text[]) AS l (level)
    JOIN romashka.kpi_cells AS f ON f.grain = 'h' AND f.level = l.level AND f.bucket >= b.bucket AND f.bucket < e.until
    GROUP BY f.level, b.bucket, f.value;
  ELSE
    INSERT INTO romashka.kpi_cells
    SELECT which, l.level, b.bucket, l.value, [total]
    FROM unnest(buckets) AS b (bucket)
    CROSS JOIN LATERAL (SELECT CASE which WHEN 'h' THEN b.bucket + interval '1 hour'
      ELSE romashka.kpi_midnight((b.bucket AT TIME ZONE zone)::date + 1, zone) END AS until) AS e
    JOIN romashka.kpi_facts AS f ON f.started_at >= b.bucket AND f.started_at < e.until
    CROSS JOIN LATERAL (
      VALUES ('all', ''), ('channel', f.channel), ('team', f.team), ('agent', f.agent), ('priority', f.priority),
             ('language', f.language), ('topic', f.topic)
      UNION ALL SELECT DISTINCT 'tag', t FROM unnest(f.tags) AS u (t)
      UNION ALL SELECT 'reason', COALESCE(f.handoff_reason, 'not stated') WHERE f.handoffs = 1
    ) AS l (level, value)
    GROUP BY l.level, b.bucket, l.value;
  END IF;

  INSERT INTO romashka.kpi_bins (grain, level, bucket, value, metric, bin, n)
  SELECT which, l.level, b.bucket, l.value, w.metric, w.bin, sum(w.n)
  FROM unnest(buckets) AS b (bucket)
  CROSS JOIN LATERAL (SELECT CASE which WHEN 'h' THEN b.bucket + interval '1 hour'
    ELSE romashka.kpi_midnight((b.bucket AT TIME ZONE zone)::date + 1, zone) END AS until) AS e
  JOIN romashka.kpi_facts AS f ON f.started_at >= b.bucket AND f.started_at < e.until
  CROSS JOIN LATERAL (
    SELECT 'all' AS level, '' AS value
    UNION ALL SELECT * FROM (VALUES ('channel', f.channel), ('team', f.team), ('agent', f.agent), ('priority', f.priority),
      ('language', f.language), ('topic', f.topic)) AS v WHERE which = 'd'
    UNION ALL SELECT DISTINCT 'tag', t FROM unnest(f.tags) AS u (t) WHERE which = 'd'
  ) AS l
  CROSS JOIN LATERAL (
    SELECT v.metric, (CASE WHEN v.wait <= 0 THEN 0 ELSE 1 + pg_catalog.ceil(pg_catalog.ln(v.wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)) END)::smallint, -- kpi_bin, whose calls took most of the time
           1::bigint
    FROM (VALUES ('response', f.response_wait), ('ai_response', f.ai_wait), ('human_response', f.human_wait),
      ('business_response', f.business_wait), ('resolution', f.resolution_wait)) AS v (metric, wait) WHERE v.wait IS NOT NULL
    UNION ALL
    SELECT c.metric, LEAST(s.score / 10, 9)::smallint, c.n
    FROM (SELECT CASE WHEN u.s < 0 THEN -1 - u.s ELSE u.s END AS score, u.s >= 0 AS good FROM unnest(f.ai_scores) AS u (s)) AS s
    CROSS JOIN LATERAL (VALUES ('score', 1::bigint), ('score_good', s.good::integer::bigint), ('score_sum', s.score::bigint)) AS c (metric, n)
    WHERE c.n > 0 AND l.level = 'all'
  ) AS w (metric, bin, n)
  GROUP BY l.level, b.bucket, l.value, w.metric, w.bin
  ORDER BY b.bucket, l.level, l.value, w.metric; -- what a question reads lies together
END
$$
  $function$, '[total]', (SELECT string_agg('sum(f.' || quote_ident(attname) || ')', ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
    WHERE attrelid = 'romashka.kpi_cells'::regclass AND attnum > 4 AND NOT attisdropped));
END
$build$;

REVOKE ALL ON FUNCTION romashka.kpi_fill("char", timestamptz[], text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill("char", timestamptz[], text) IS 'Makes cells and bins anew of their facts';
$text$;
made := to_regprocedure('romashka.kpi_fill("char", timestamp with time zone[], text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fill', 'romashka.kpi_fill("char", timestamp with time zone[], text)', wanted, now(), s.definition
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
