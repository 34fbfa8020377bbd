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
