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
