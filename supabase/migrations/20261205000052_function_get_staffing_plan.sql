-- Written by `make generate` from functions/get_staffing_plan.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:6b4d0b1eeaa686192833e635dae18a6292196b78280cd0b29373f199ec712b2c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_staffing_plan(date, jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_staffing_plan' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_staffing_plan' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_staffing_plan(date, jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_staffing_plan(date, jsonb)
-- Purpose: agents for each hour of a day, against who is there.
-- Parameters: the day, NULL for today, by the tenant's clock; what_if, figures to
--   plan with instead: {"volume": "+20%", "aht": "-10%", "agents": 12,
--   "service_level": 0.9, "answer_seconds", "max_occupancy", "shrinkage",
--   "patience_seconds", "concurrency_factor"}. volume is a change in percent, aht
--   that or a number of seconds. agents are those at work, whatever can be put off.
--   Another name, or a figure out of range, is 22023.
-- Rows: one for each hour. forecast is of all channels; volume waits for an agent,
--   deferred can be put off; agents at work, rostered with shrinkage; scheduled by
--   working hours, gap = scheduled - rostered (below 0: too few), NULL where
--   nobody's hours are known; cost of the roster, NULL where no wage is set or the
--   caller may not see it. A closed hour needs nobody. Where there is no plan, one
--   row without hour: status and reason say why. details: its grounds.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_staffing_plan(day date DEFAULT NULL, what_if jsonb DEFAULT NULL)
RETURNS TABLE (
  hour timestamp, closed boolean, forecast numeric, volume numeric, deferred numeric, offered_load numeric, agents integer, rostered integer,
  scheduled numeric, gap numeric, service_level numeric, asa_seconds numeric, occupancy numeric, cost numeric,
  status text, reason text, zone text, computed_at timestamptz, details jsonb
)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
  plain CONSTANT text := '^\+?(\d{1,8}\.?\d{0,9}|\.\d{1,9})$';
  given record;
BEGIN
  IF pg_catalog.jsonb_typeof(what_if) NOT IN ('object', 'null') THEN
    RAISE EXCEPTION 'what_if is no object' USING ERRCODE = 'invalid_parameter_value', HINT = 'want figures by name, as {"volume": "+20%", "aht": "-10%"}';
  END IF;
  what_if := NULLIF(what_if, 'null');
  FOR given IN
    SELECT e.key, e.value, f.form, f.least, f.most, f.wanted
    FROM pg_catalog.jsonb_each_text(what_if) AS e
    LEFT JOIN (VALUES
      ('volume',             '^[+-]?(\d{1,7}\.?\d{0,9}|\.\d{1,9})%?$', -99.999999999, 1000000, 'a change in percent above -100, as "+20%"'),
      ('aht',                '^([+-]?(\d{1,7}\.?\d{0,9}|\.\d{1,9})%|\+?(\d{1,8}\.?\d{0,9}|\.\d{1,9}))$', -99.999999999, 31622400, 'a change in percent above -100, as "-10%", or a number of seconds above 0'),
      ('agents',             '^\d{1,5}$', 0, 20000, 'a whole number from 0 to 20000'),
      ('service_level',      plain, 0.000000001, 0.999999999, 'a share above 0 and below 1'),
      ('answer_seconds',     plain, 0, 31622400, 'a number of seconds, 0 or more'),
      ('max_occupancy',      plain, 0.000000001, 1, 'a share above 0, at most 1'),
      ('shrinkage',          plain, 0, 0.999, 'a share from 0 to below 1'),
      ('patience_seconds',   plain, 0.000000001, 31622400, 'a number of seconds above 0'),
      ('concurrency_factor', plain, 1, 100, 'a number, 1 or more')
    ) AS f (name, form, least, most, wanted) ON f.name = e.key
  LOOP
    IF given.form IS NULL THEN
      RAISE EXCEPTION 'what_if: there is no figure "%"', pg_catalog.left(given.key, 60) USING ERRCODE = 'invalid_parameter_value',
        HINT = 'want volume, aht, agents, service_level, answer_seconds, max_occupancy, shrinkage, patience_seconds or concurrency_factor';
    END IF;
    IF given.value IS NOT NULL AND NOT COALESCE(CASE WHEN given.value ~ given.form THEN
         pg_catalog.rtrim(given.value, '%')::numeric BETWEEN given.least AND given.most
         AND (given.key <> 'aht' OR given.value LIKE '%\%' OR given.value::numeric > 0) END, false) THEN
      RAISE EXCEPTION 'what_if: % is "%"', given.key, pg_catalog.left(given.value, 60) USING ERRCODE = 'invalid_parameter_value', HINT = 'want ' || given.wanted;
    END IF;
  END LOOP;
  RETURN QUERY
  WITH run AS (
    SELECT r.*, COALESCE(get_staffing_plan.day, (now() AT TIME ZONE r.zone)::date) AS wanted
    FROM public.get_forecast_runs('staffing') AS r WHERE r.channel = 'all' ORDER BY r.ran_at DESC LIMIT 1
  ), planned AS (
    SELECT p.*
    FROM run AS r
    CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(r.points) AS p (ds text, closed boolean, forecast numeric, volume numeric, deferred numeric,
      offered_load numeric, agents integer, rostered integer, scheduled numeric, gap numeric, service_level numeric, asa_seconds numeric, occupancy numeric)
    WHERE p.ds::timestamp >= r.wanted AND p.ds::timestamp < r.wanted + 1
  ), assumed AS (
    SELECT x.*
    FROM run AS r
    CROSS JOIN LATERAL (SELECT
      changed.volume, COALESCE(changed.aht_seconds, handled.aht * changed.aht) AS aht,
      COALESCE(changed.aht_seconds, handled.later * changed.aht) AS later_aht,
      COALESCE((what_if ->> 'service_level')::numeric, (r.details #>> '{targets,service_level}')::numeric) AS service_level,
      COALESCE((what_if ->> 'answer_seconds')::numeric, (r.details #>> '{targets,answer_seconds}')::numeric) AS answer_seconds,
      COALESCE((what_if ->> 'max_occupancy')::numeric, (r.details #>> '{targets,max_occupancy}')::numeric) AS max_occupancy,
      COALESCE((what_if ->> 'shrinkage')::numeric, (r.details #>> '{targets,shrinkage}')::numeric) AS shrinkage,
      COALESCE((what_if ->> 'patience_seconds')::numeric, (r.details #>> '{handling,patience_seconds,value}')::numeric) AS patience,
      COALESCE((what_if ->> 'concurrency_factor')::numeric, (r.details #>> '{handling,concurrency_factor,value}')::numeric, 1) AS factor,
      (what_if ->> 'agents')::integer AS agents
      FROM (SELECT
        COALESCE(1 + pg_catalog.rtrim(what_if ->> 'volume', '%')::numeric / 100, 1) AS volume,
        CASE WHEN what_if ->> 'aht' LIKE '%\%' THEN 1 + pg_catalog.rtrim(what_if ->> 'aht', '%')::numeric / 100 ELSE 1 END AS aht,
        CASE WHEN what_if ->> 'aht' NOT LIKE '%\%' THEN (what_if ->> 'aht')::numeric END AS aht_seconds
      ) AS changed
      CROSS JOIN LATERAL (SELECT (r.details #>> '{handling,aht_seconds,value}')::numeric AS aht,
        COALESCE(r.details #>> '{handling,deferred_aht_seconds,value}', r.details #>> '{handling,aht_seconds,value}')::numeric AS later) AS handled
    ) AS x
  ), figure AS (
    SELECT p.ds::timestamp AS hour, p.closed, p.forecast, p.scheduled, p.volume * a.volume AS volume, p.deferred * a.volume AS deferred, f.f, a.shrinkage,
           CASE WHEN p.closed OR p.deferred = 0 OR a.agents IS NOT NULL THEN 0 ELSE pg_catalog.ceil((p.volume * a.aht / a.factor + p.deferred * a.later_aht) * a.volume / 3600 / a.max_occupancy) END AS work
    FROM planned AS p
    CROSS JOIN assumed AS a
    CROSS JOIN LATERAL (SELECT public.get_staffing_figures(CASE WHEN p.closed THEN 0 ELSE p.volume * a.volume END, a.aht, 3600, a.service_level,
      a.answer_seconds, a.max_occupancy, a.shrinkage, a.patience, a.factor, CASE WHEN p.closed THEN NULL ELSE a.agents END) AS f) AS f
    WHERE what_if IS NOT NULL
  ), shown AS (
    SELECT p.ds::timestamp AS hour, p.closed, p.forecast, p.volume, p.deferred, p.offered_load, p.agents, p.rostered, p.scheduled,
           p.service_level, p.asa_seconds, p.occupancy
    FROM planned AS p WHERE what_if IS NULL
    UNION ALL
    SELECT x.hour, x.closed, x.forecast, x.volume, x.deferred, (x.f ->> 'offered_load')::numeric, GREATEST((x.f ->> 'agents')::numeric, x.work)::integer,
           pg_catalog.ceil(GREATEST((x.f ->> 'agents')::numeric, x.work) / (1 - x.shrinkage))::integer, x.scheduled,
           (x.f ->> 'service_level')::numeric, (x.f ->> 'asa_seconds')::numeric, (x.f ->> 'occupancy')::numeric
    FROM figure AS x
  )
  SELECT s.hour, s.closed, s.forecast, s.volume, s.deferred, s.offered_load, s.agents, s.rostered, s.scheduled, s.scheduled - s.rostered,
    s.service_level, s.asa_seconds, s.occupancy, s.rostered * (public.get_setting('staffing') ->> 'wage')::numeric,
    COALESCE(CASE WHEN s.hour IS NULL AND r.status IN ('ok', 'preliminary') THEN 'out_of_reach' ELSE r.status END, 'not_run'),
    CASE WHEN r.status IS NULL THEN 'no plan has been made yet; `romashka staffing` makes it'
         WHEN s.hour IS NULL AND r.status IN ('ok', 'preliminary') THEN pg_catalog.format('the plan begins after %s and has %s days', r.origin::date, r.horizon)
         ELSE r.reason END,
    r.zone, r.ran_at, r.details
  FROM (VALUES (1)) AS always
  LEFT JOIN run AS r ON true
  LEFT JOIN shown AS s ON true
  ORDER BY 1;
END
$$;

REVOKE ALL ON FUNCTION public.get_staffing_plan(date, jsonb) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_staffing_plan(date, jsonb) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_staffing_plan(date, jsonb) IS 'Agents for each hour of a day, against who is there; what_if for other figures';
$text$;
made := to_regprocedure('public.get_staffing_plan(date, jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_staffing_plan', 'public.get_staffing_plan(date, jsonb)', wanted, now(), s.definition
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
