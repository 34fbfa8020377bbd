-- Written by `make generate` from functions/alert_departures.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4cdd8695bfe3a127083ab416e64ec087fbb4be5f496e05317809cfaa9631a676' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.alert_departures()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'alert_departures' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'alert_departures' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.alert_departures()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.alert_departures()
-- Purpose: how volume, response, satisfaction and queue are at this moment, and
--   between which limits they were to be expected.
--   volume: conversations of the present hour so far, against the newest hourly
--     forecast, and of the hour before, which may also be too few. The limits are one
--     and a half times as far from the mean as those of its 95 % interval: an hour in
--     twenty leaves that.
--   response: the mean wait of those who began in the last hour, who wait still as
--     they have waited so far, against the mean and spread of the same hour of
--     the week in the last eight weeks.
--   csat: the share of ratings of 4 and 5 of the last 24 hours against the 56
--     days before.
--   queue: customers who wait, against the most that waited in the same hour of the
--     week in the last eight weeks.
-- Rows: figure; value, low, high, each NULL where it is not known; basis.
-- Who: the owner, as romashka.job_alerts() is.
CREATE OR REPLACE FUNCTION romashka.alert_departures()
RETURNS TABLE (figure text, value numeric, low numeric, high numeric, basis text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  here    CONSTANT text := romashka.kpi_zone(NULL);
  moment  CONSTANT timestamptz := pg_catalog.now();
  this_hour CONSTANT timestamptz := pg_catalog.date_trunc('hour', moment AT TIME ZONE here) AT TIME ZONE here;
  nobody  CONSTANT text[] := '{NULL,NULL,NULL,NULL,NULL,NULL}';
  alike   CONSTANT timestamptz[] := ARRAY(SELECT (pg_catalog.date_trunc('hour', moment AT TIME ZONE here) - w * interval '7 days') AT TIME ZONE here
                                          FROM pg_catalog.generate_series(8, 1, -1) AS g (w));
BEGIN
  RETURN QUERY
  WITH told AS (
    SELECT x.ds, x.mean, x.lo95, x.hi95 FROM romashka.forecast_runs AS r
    CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(r.points) AS x (ds text, mean numeric, lo95 numeric, hi95 numeric)
    WHERE r.id = (SELECT n.id FROM romashka.forecast_runs AS n WHERE n.metric = 'volume' AND n.channel = 'all' AND n.grain = 'hour' ORDER BY n.ran_at DESC, n.id LIMIT 1)
      AND r.status IN ('ok', 'preliminary') AND x.ds IN (pg_catalog.to_char(this_hour AT TIME ZONE here, 'YYYY-MM-DD"T"HH24:MI'), pg_catalog.to_char((this_hour - interval '1 hour') AT TIME ZONE here, 'YYYY-MM-DD"T"HH24:MI'))
  ), counted AS (
    SELECT count(*) FILTER (WHERE f.started_at >= this_hour) AS now, count(*) FILTER (WHERE f.started_at < this_hour) AS before
    FROM romashka.kpi_facts_now(this_hour - interval '1 hour', moment + interval '1 second', false) AS f
  )
  SELECT v.figure, v.value::numeric, CASE WHEN v.over THEN t.mean - 1.5 * (t.mean - t.lo95) END, t.mean + 1.5 * (t.hi95 - t.mean),
         COALESCE('forecast of ' || t.ds || ': ' || pg_catalog.round(t.mean, 1), 'no hourly forecast')
  FROM counted AS c
  CROSS JOIN LATERAL (VALUES ('volume', c.now, this_hour, false), ('volume_of_last_hour', c.before, this_hour - interval '1 hour', true)) AS v (figure, value, at, over)
  LEFT JOIN told AS t ON t.ds = pg_catalog.to_char(v.at AT TIME ZONE here, 'YYYY-MM-DD"T"HH24:MI');

  RETURN QUERY
  WITH waits AS (
    SELECT avg(pg_catalog.ln(1 + COALESCE(f.response_wait / 1000.0, EXTRACT(epoch FROM moment - f.asked_at)))) AS mean, count(*) AS n
    FROM romashka.kpi_facts_now(moment - interval '1 hour', moment + interval '1 second', false) AS f
    WHERE f.asked = 1 AND (f.response_wait IS NOT NULL OR f.open = 1)
  ), weeks AS (
    SELECT avg(pg_catalog.ln(1 + f.response_wait / 1000.0)) AS mean
    FROM unnest(alike) AS a (at) CROSS JOIN LATERAL romashka.kpi_facts_now(a.at, a.at + interval '1 hour', false) AS f
    WHERE f.response_wait IS NOT NULL GROUP BY a.at HAVING count(*) >= 5
  ), usual AS (
    SELECT avg(w.mean) AS mean, COALESCE(pg_catalog.stddev_samp(w.mean), 0) AS spread, count(*) AS n FROM weeks AS w
  )
  SELECT 'response'::text, CASE WHEN w.n >= 10 THEN pg_catalog.round(pg_catalog.exp(w.mean) - 1, 1) END, NULL::numeric,
         CASE WHEN u.n >= 5 THEN pg_catalog.round(pg_catalog.exp(u.mean + 3.5 * GREATEST(u.spread, 0.15)) - 1, 1) END,
         CASE WHEN w.n < 10 THEN 'fewer than 10 conversations in the last hour' WHEN u.n < 5 THEN 'the same hour is known of fewer than 5 weeks'
              ELSE 'usual in this hour: ' || pg_catalog.round(pg_catalog.exp(u.mean) - 1, 1) || ' s' END
  FROM waits AS w, usual AS u;

  RETURN QUERY
  WITH late AS (
    SELECT sum(s.ratings_good) AS good, sum(s.ratings) AS n FROM romashka.kpi_sums(ARRAY[moment - interval '24 hours', moment], 'all', nobody) AS s
  ), days AS (
    SELECT s.ratings_good AS good, s.ratings AS n
    FROM romashka.kpi_sums(ARRAY(SELECT romashka.kpi_midnight((moment AT TIME ZONE here)::date - d, here) FROM pg_catalog.generate_series(57, 1, -1) AS g (d)), 'all', nobody) AS s
    WHERE s.ratings > 0
  ), usual AS (
    SELECT sum(d.good) / sum(d.n) AS p, sum(d.n) AS n, count(*) AS days FROM days AS d
  ), spread AS (
    SELECT GREATEST(1, sum(d.n * (d.good::numeric / d.n - u.p) ^ 2) / NULLIF(max(u.p * (1 - u.p)) * (max(u.days) - 1), 0)) AS over FROM days AS d, usual AS u
  )
  SELECT 'csat'::text, CASE WHEN l.n >= 20 THEN pg_catalog.round(l.good / l.n, 4) END,
         CASE WHEN u.n >= 100 AND l.n >= 20 THEN pg_catalog.round(u.p - 3.5 * pg_catalog.sqrt(COALESCE(s.over, 1) * u.p * (1 - u.p) * (1 / l.n + 1 / u.n)), 4) END, NULL::numeric,
         CASE WHEN COALESCE(l.n, 0) < 20 THEN 'fewer than 20 ratings in 24 hours' WHEN u.n < 100 OR u.n IS NULL THEN 'fewer than 100 ratings in the 56 days before'
              ELSE 'usual: ' || pg_catalog.round(u.p, 3) END
  FROM late AS l, usual AS u, spread AS s;

  RETURN QUERY
  WITH usual AS (
    SELECT avg(q.waiting) AS mean, COALESCE(pg_catalog.stddev_samp(q.waiting), 0) AS spread, count(*) AS n
    FROM romashka.queue_hours AS q WHERE q.hour = ANY (alike)
  )
  SELECT 'queue'::text, (SELECT count(*) FROM romashka.kpi_open_now() AS f WHERE f.waiting_since IS NOT NULL)::numeric, NULL::numeric,
         CASE WHEN u.n >= 4 THEN pg_catalog.round(u.mean + 3.5 * GREATEST(u.spread, pg_catalog.sqrt(u.mean + 1)), 1) END,
         CASE WHEN u.n >= 4 THEN 'usual in this hour: ' || pg_catalog.round(u.mean, 1) ELSE 'the same hour is known of fewer than 4 weeks' END
  FROM usual AS u;
END
$$;

REVOKE ALL ON FUNCTION romashka.alert_departures() FROM PUBLIC;
COMMENT ON FUNCTION romashka.alert_departures() IS 'Figures of this moment beside what was to be expected';
$text$;
made := to_regprocedure('romashka.alert_departures()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'alert_departures', 'romashka.alert_departures()', wanted, now(), s.definition
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
