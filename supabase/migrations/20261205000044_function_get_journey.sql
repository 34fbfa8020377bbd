-- Written by `make generate` from functions/get_journey.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:1629b411d8424cb0e64b19cbc7817f45727152e95d0d7cc201bed62461de2e8b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_journey(timestamp with time zone, timestamp with time zone, text, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_journey' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_journey' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_journey(timestamp with time zone, timestamp with time zone, text, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_journey(timestamp with time zone, timestamp with time zone, text, text)
-- Purpose: how far customers came whose first contact lies in the range, how long it
--   took them, and at which step of the funnel they stopped; the stages and their
--   rules are those of internal/analytics/kpi/definitions.md, "Journey", the range
--   that of "Ranges". Later steps of a customer count, also after the range.
-- Parameters: the range and its zone; channel, that of the first contact.
-- Rows: one for each stage and figure. Times are seconds.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_journey(from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, channel text DEFAULT NULL)
RETURNS TABLE (stage text, rule text, figure text, value numeric, unit text, numerator numeric, denominator numeric, low numeric, high numeric, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
DECLARE
  few      CONSTANT integer := 20000; -- customers whose times are looked at one by one
  origin   CONSTANT timestamptz := '2000-01-01 00:00+00';
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  changed  CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  kept     CONSTANT boolean := EXISTS (SELECT FROM romashka.kpi_state WHERE ready)
              AND EXISTS (SELECT FROM romashka.journey_state AS s WHERE s.ready AND s.settings = romashka.journey_settings())
              AND (changed IS NULL OR pg_catalog.array_position(changed, NULL) IS NULL);
  touched  uuid[]; -- customers whose kept row may be old
  first    timestamptz := edges[2]; -- of the whole days that are read from sums
  last     timestamptz := edges[2];
  total    record; -- of customers: how many came to each stage
  parts    integer; -- times are those of customers in one of so many parts
BEGIN
  IF romashka.unchanged('get_journey', pg_catalog.jsonb_build_array(get_journey.from_date, get_journey.to_date, get_journey.channel), zone_now) THEN
    RETURN;
  END IF;
  IF kept THEN
    SELECT pg_catalog.array_agg(t.customer) INTO touched FROM (
      SELECT q.customer FROM romashka.journey_queue AS q
      UNION SELECT f.customer FROM romashka.kpi_facts AS f WHERE f.conversation_id = ANY (changed)
      UNION SELECT r.customer FROM romashka.kpi_read_facts(changed, '-infinity', 'infinity') AS r WHERE changed IS NOT NULL) AS t;
  END IF;
  IF kept AND (SELECT s.days FROM romashka.journey_state AS s) THEN
    first := LEAST(pg_catalog.date_bin('1 day', edges[1] + interval '23:59:59.999999', origin), edges[2]);
    last := GREATEST(pg_catalog.date_bin('1 day', edges[2], origin), first);
  END IF;
  WITH lives AS NOT MATERIALIZED (
    SELECT j.*, 1 AS n FROM romashka.journeys AS j
    WHERE kept AND j.discovery_at >= edges[1] AND j.discovery_at < first
      AND (get_journey.channel IS NULL OR j.channel = get_journey.channel) AND (touched IS NULL OR j.customer <> ALL (touched))
    UNION ALL
    SELECT j.*, 1 FROM romashka.journeys AS j
    WHERE kept AND j.discovery_at >= last AND j.discovery_at < edges[2]
      AND (get_journey.channel IS NULL OR j.channel = get_journey.channel) AND (touched IS NULL OR j.customer <> ALL (touched))
    UNION ALL
    SELECT j.*, -1 FROM romashka.journeys AS j
    WHERE kept AND j.customer = ANY (touched) AND j.discovery_at >= first AND j.discovery_at < last AND (get_journey.channel IS NULL OR j.channel = get_journey.channel)
    UNION ALL
    SELECT j.*, 1 FROM romashka.journey_lives(touched) AS j
    WHERE (NOT kept OR touched IS NOT NULL) AND j.discovery_at >= edges[1] AND j.discovery_at < edges[2] AND (get_journey.channel IS NULL OR j.channel = get_journey.channel)
  )
  SELECT COALESCE(sum(c.customers), 0)::bigint AS cohort, COALESCE(sum(c.considered), 0)::bigint AS considered, COALESCE(sum(c.consideration), 0)::bigint AS consideration,
         COALESCE(sum(c.decision), 0)::bigint AS decision, COALESCE(sum(c.onboarding), 0)::bigint AS onboarding,
         COALESCE(sum(c.support), 0)::bigint AS support, COALESCE(sum(c.retention), 0)::bigint AS retention
    INTO total
  FROM (
    SELECT d.customers, d.considered, d.consideration, d.decision, d.onboarding, d.support, d.retention
    FROM romashka.journey_days AS d
    WHERE d.day >= first AND d.day < last AND (get_journey.channel IS NULL OR d.channel = get_journey.channel)
    UNION ALL
    SELECT sum(l.n), sum(l.n) FILTER (WHERE l.consideration_at IS NOT NULL OR l.decision_at IS NOT NULL), sum(l.n) FILTER (WHERE l.consideration_at IS NOT NULL),
           sum(l.n) FILTER (WHERE l.decision_at IS NOT NULL), sum(l.n) FILTER (WHERE l.onboarding_at IS NOT NULL),
           sum(l.n) FILTER (WHERE l.support_at IS NOT NULL), sum(l.n) FILTER (WHERE l.retention_at IS NOT NULL)
    FROM lives AS l
  ) AS c;
  parts := CASE WHEN total.cohort <= few THEN 1 WHEN total.cohort <= 320000 THEN 16 WHEN total.cohort <= 1280000 THEN 64 WHEN total.cohort <= 5120000 THEN 256 ELSE 1024 END;
  RETURN QUERY
  WITH stages (place, stage, rule, reached, at_least, stopped) AS (
    VALUES
      (1, 'discovery',     'first_contact',          total.cohort,        total.cohort,     total.cohort - total.considered),
      (2, 'consideration', 'repeat_before_purchase', total.consideration, total.considered, total.considered - total.decision),
      (3, 'decision',      'conversion',             total.decision,      NULL,         NULL),
      (4, 'onboarding',    'onboarding_window',      total.onboarding,    NULL,         NULL),
      (5, 'support',       'later_contact',          total.support,       NULL,         NULL),
      (6, 'retention',     'return_after_silence',   total.retention,     NULL,         NULL)
  ), looked_at AS MATERIALIZED (
    SELECT l.discovery_at, l.consideration_at, l.decision_at, l.onboarding_at, l.support_at, l.retention_at
    FROM romashka.journeys AS l
    WHERE kept AND l.discovery_at >= edges[1] AND l.discovery_at < edges[2] AND (get_journey.channel IS NULL OR l.channel = get_journey.channel)
      AND (touched IS NULL OR l.customer <> ALL (touched))
      AND (parts = 1 OR parts = 16 AND l.sample = 0
        OR parts >= 64 AND (pg_catalog.uuid_hash(l.customer) & 63) = 0 AND (pg_catalog.uuid_hash(l.customer) & parts - 1) = 0)
    UNION ALL
    SELECT l.discovery_at, l.consideration_at, l.decision_at, l.onboarding_at, l.support_at, l.retention_at
    FROM romashka.journey_lives(touched) AS l
    WHERE (NOT kept OR touched IS NOT NULL) AND l.discovery_at >= edges[1] AND l.discovery_at < edges[2]
      AND (get_journey.channel IS NULL OR l.channel = get_journey.channel) AND (pg_catalog.uuid_hash(l.customer) & parts - 1) = 0
  ), times AS (
    SELECT s.place, EXTRACT(epoch FROM s.at - l.discovery_at) AS since_first,
           EXTRACT(epoch FROM s.at - (SELECT max(o.at) FROM unnest(ARRAY[l.discovery_at, l.consideration_at, l.decision_at, l.onboarding_at, l.support_at, l.retention_at])
             WITH ORDINALITY AS o (at, place) WHERE o.place <> s.place AND o.at <= s.at)) AS since_previous
    FROM looked_at AS l
    CROSS JOIN LATERAL (VALUES (2, l.consideration_at), (3, l.decision_at), (4, l.onboarding_at), (5, l.support_at), (6, l.retention_at)) AS s (place, at)
    WHERE s.at IS NOT NULL
  ), waits AS (
    SELECT t.place, count(*) AS n, pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY t.since_first) AS median,
           pg_catalog.percentile_disc(0.9) WITHIN GROUP (ORDER BY t.since_first) AS p90,
           pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY t.since_previous) AS step
    FROM times AS t GROUP BY t.place
  )
  SELECT s.stage, s.rule, f.figure,
         CASE WHEN f.kind = 'count' THEN f.num WHEN f.den >= f.fewest THEN pg_catalog.trim_scale(pg_catalog.round(CASE f.kind WHEN 'share' THEN f.num / NULLIF(f.den, 0) ELSE f.time END, 6)) END,
         f.unit, f.num, f.den,
         CASE WHEN f.kind = 'share' AND f.den >= f.fewest THEN pg_catalog.round(romashka.kpi_wilson(f.num, f.den, -1), 6) END,
         CASE WHEN f.kind = 'share' AND f.den >= f.fewest THEN pg_catalog.round(romashka.kpi_wilson(f.num, f.den, 1), 6) END,
         CASE WHEN f.kind = 'count' THEN NULL WHEN f.den IS NULL THEN 'no step of the funnel' WHEN f.den = 0 THEN 'no rows'
              WHEN f.den < f.fewest THEN pg_catalog.format('fewer than %s rows', f.fewest)
              WHEN f.kind = 'time' AND parts > 1 THEN 'estimated from one customer in ' || parts END,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM stages AS s
  LEFT JOIN waits AS w ON w.place = s.place
  CROSS JOIN LATERAL (VALUES
    (1, 'customers',                 'count', 'customers', s.reached::numeric, NULL::numeric,             NULL::numeric, 0),
    (2, 'reach_rate',                'share', 'share',     s.reached,          total.cohort,                  NULL,          5),
    (3, 'drop_off_rate',             'share', 'share',     s.stopped,          s.at_least,                NULL,          5),
    (4, 'time_from_first_median',    'time',  'seconds',   NULL,               COALESCE(w.n, 0),          w.median,      5),
    (5, 'time_from_first_p90',       'time',  'seconds',   NULL,               COALESCE(w.n, 0),          w.p90,         20),
    (6, 'time_from_previous_median', 'time',  'seconds',   NULL,               COALESCE(w.n, 0),          w.step,        5)
  ) AS f (place, figure, kind, unit, num, den, time, fewest)
  WHERE NOT (s.place = 1 AND f.kind = 'time')
  ORDER BY s.place, f.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_journey(timestamp with time zone, timestamp with time zone, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_journey(timestamp with time zone, timestamp with time zone, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_journey(timestamp with time zone, timestamp with time zone, text, text) IS 'How far customers came, and how long it took them';
$text$;
made := to_regprocedure('public.get_journey(timestamp with time zone, timestamp with time zone, text, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_journey', 'public.get_journey(timestamp with time zone, timestamp with time zone, text, text)', wanted, now(), s.definition
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
