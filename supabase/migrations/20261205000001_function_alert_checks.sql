-- Written by `make generate` from functions/alert_checks.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:39b4d06e73d2c9a430d459778fd68b2b952d6183141f08e418abeb7c4a207853' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.alert_checks()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'alert_checks' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'alert_checks' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.alert_checks()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.alert_checks()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'alert_checks', 'romashka.alert_checks()', wanted, now(), s.definition
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
