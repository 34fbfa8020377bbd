-- function: romashka.alert_checks()
-- Purpose: each rule on a figure with its value at this moment: those of the setting
--   kpi_targets, alerts, and the departures of romashka.alert_departures, unless
--   kpi_targets, departures, is false. The form of a rule: setting_fault.
-- Rows: key of the rule; title; value, NULL with the reason in basis; limits, and the
--   limits from which it is back: by a tenth inside, if the rule does not say; for
--   how long it must be beyond, and back, in seconds; severity.
-- Who: the owner, as romashka.job_alerts() is.
CREATE OR REPLACE FUNCTION romashka.alert_checks()
RETURNS TABLE (key text, title text, value numeric, low numeric, high numeric, back_low numeric, back_high numeric,
  for_seconds numeric, back_seconds numeric, severity text, basis text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  targets CONSTANT jsonb := romashka.setting('kpi_targets');
  rule    jsonb;
  filters text[];
  minutes numeric;
BEGIN
  FOR rule IN SELECT r FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(targets -> 'alerts') WHEN 'array' THEN targets -> 'alerts' ELSE '[]' END) AS r LOOP
    CONTINUE WHEN romashka.alert_fault(rule) IS NOT NULL; -- from before the form was checked
    filters := ARRAY[rule ->> 'channel', rule ->> 'team', rule ->> 'agent', rule ->> 'priority', rule ->> 'language', NULL];
    minutes := COALESCE(romashka.kpi_number(rule -> 'window_minutes'), 60);
    key := 'rule ' || pg_catalog.md5((rule - 'severity')::text);
    title := (rule ->> 'figure') || COALESCE(' of ' || (SELECT pg_catalog.string_agg(f.v, ', ') FROM unnest(filters) AS f (v) WHERE f.v IS NOT NULL), '');
    IF rule ->> 'figure' IN (SELECT c.figure FROM romashka.kpi_catalogue() AS c) THEN
      SELECT r.value, COALESCE(r.reason, pg_catalog.format('last %s minutes', minutes)) INTO value, basis
      FROM romashka.kpi_report(ARRAY[pg_catalog.now() - minutes * interval '1 minute', pg_catalog.now() + interval '1 second'], 'all', filters, ARRAY[rule ->> 'figure']) AS r;
    ELSE
      SELECT o.value, COALESCE(o.reason, 'at this moment') INTO value, basis
      FROM public.get_operational_dashboard(filters[1], filters[2], filters[3], filters[4], filters[5]) AS o WHERE o.figure = rule ->> 'figure';
    END IF;
    high := romashka.kpi_number(rule -> 'above');
    low := romashka.kpi_number(rule -> 'below');
    back_high := COALESCE(romashka.kpi_number(rule -> 'clear'), high - 0.1 * pg_catalog.abs(high));
    back_low := COALESCE(romashka.kpi_number(rule -> 'clear'), low + 0.1 * pg_catalog.abs(low));
    for_seconds := COALESCE(romashka.kpi_number(rule -> 'for_seconds'), 0);
    back_seconds := COALESCE(romashka.kpi_number(rule -> 'clear_seconds'), 120);
    severity := COALESCE(rule ->> 'severity', 'medium');
    RETURN NEXT;
  END LOOP;
  IF targets -> 'departures' = 'false' THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT 'departure ' || d.figure, pg_catalog.replace(d.figure, '_', ' '), d.value, d.low, d.high, d.low + 0.1 * pg_catalog.abs(d.low), d.high - 0.1 * pg_catalog.abs(d.high), 0::numeric, 600::numeric, 'medium', d.basis
  FROM romashka.alert_departures() AS d;
END
$$;

REVOKE ALL ON FUNCTION romashka.alert_checks() FROM PUBLIC;
COMMENT ON FUNCTION romashka.alert_checks() IS 'The rules on figures, with their values';
