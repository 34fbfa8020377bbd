-- Written by `make generate` from functions/job_alerts.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:3f7fa72c36470e513ac4be64eb805e1efe5232223be8be6d38ff59c67cc2edc9' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.job_alerts(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'job_alerts' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'job_alerts' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.job_alerts(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.job_alerts(timestamp with time zone)
-- Purpose: the job alerts: looks at each rule, and tells (romashka.enqueue_message,
--   topic figure.alert) when a figure has been beyond its limit for as long as the
--   rule says, and when it has come back for as long as it says. Between the limit and
--   the one from which it is back, nothing changes. A value that is not known neither
--   fires nor ends anything. A rule that is there no more is forgotten.
-- Parameters: when it was last done; of no use here.
-- Row: result, NULL where nothing is told; more; see run_claimed_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_alerts(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  item   record;
  before romashka.figure_alerts;
  state  text;
  since  timestamptz;
  back   timestamptz;
  told   integer := 0;
  keys   text[] := '{}';
  moment CONSTANT timestamptz := pg_catalog.clock_timestamp();
BEGIN
  IF NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) THEN
    RETURN;
  END IF;
  FOR item IN SELECT * FROM romashka.alert_checks() AS c LOOP
    keys := keys || item.key;
    IF item.key = 'departure queue' THEN
      INSERT INTO romashka.queue_hours AS q (hour, waiting)
      VALUES (pg_catalog.date_trunc('hour', moment AT TIME ZONE romashka.kpi_zone(NULL)) AT TIME ZONE romashka.kpi_zone(NULL), item.value)
      ON CONFLICT (hour) DO UPDATE SET waiting = EXCLUDED.waiting WHERE q.waiting < EXCLUDED.waiting;
    END IF;
    SELECT * INTO before FROM romashka.figure_alerts AS a WHERE a.key = item.key;
    state := COALESCE(before.state, 'quiet');
    since := COALESCE(before.changed_at, moment);
    back := NULL;
    IF item.value IS NULL THEN
      back := before.back_since;
    ELSIF item.value > item.high OR item.value < item.low THEN
      IF state = 'quiet' THEN
        state := 'near';
        since := moment;
      END IF;
      IF state = 'near' AND moment - since >= item.for_seconds * interval '1 second' THEN
        state := 'firing';
        since := moment;
      END IF;
    ELSIF state = 'near' THEN
      state := 'quiet';
      since := moment;
    ELSIF state = 'firing' AND (item.value <= item.back_high OR item.high IS NULL) AND (item.value >= item.back_low OR item.low IS NULL) THEN
      back := COALESCE(before.back_since, moment);
      IF moment - back >= item.back_seconds * interval '1 second' THEN
        state := 'quiet';
        since := moment;
        back := NULL;
      END IF;
    END IF;
    INSERT INTO romashka.figure_alerts AS a (key, title, state, value, basis, changed_at, back_since, looked_at, fired)
    VALUES (item.key, item.title, state, item.value, item.basis, since, back, moment, (state = 'firing')::integer)
    ON CONFLICT (key) DO UPDATE SET title = EXCLUDED.title, state = EXCLUDED.state, value = EXCLUDED.value, basis = EXCLUDED.basis, changed_at = EXCLUDED.changed_at,
      back_since = EXCLUDED.back_since, looked_at = EXCLUDED.looked_at, fired = a.fired + (EXCLUDED.state = 'firing' AND a.state <> 'firing')::integer;
    IF (state = 'firing') <> (COALESCE(before.state, 'quiet') = 'firing') THEN
      told := told + 1;
      PERFORM romashka.enqueue_message('figure.alert', item.severity,
        CASE state WHEN 'firing' THEN pg_catalog.format('%s is %s', item.title, item.value) ELSE pg_catalog.format('%s is back: %s', item.title, item.value) END,
        pg_catalog.format('%s: %s. Limits: %s. %s. At %s.', item.title, item.value,
          pg_catalog.concat_ws(' and ', 'below ' || pg_catalog.trim_scale(pg_catalog.round(item.low, 4)), 'above ' || pg_catalog.trim_scale(pg_catalog.round(item.high, 4))), item.basis,
          pg_catalog.to_char(moment AT TIME ZONE romashka.kpi_zone(NULL), 'YYYY-MM-DD HH24:MI:SS')),
        group_key => 'figure.alert ' || item.key);
    END IF;
  END LOOP;
  DELETE FROM romashka.figure_alerts AS a WHERE a.key <> ALL (keys);
  DELETE FROM romashka.queue_hours AS q WHERE q.hour < moment - interval '90 days';
  IF told > 0 THEN
    result := pg_catalog.format('%s rules, %s told', pg_catalog.cardinality(keys), told);
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.job_alerts(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_alerts(timestamp with time zone) IS 'The job alerts';
$text$;
made := to_regprocedure('romashka.job_alerts(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'job_alerts', 'romashka.job_alerts(timestamp with time zone)', wanted, now(), s.definition
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
