-- Written by `make generate` from functions/get_roi.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:0c9b45b105cb3c90d759e8428c58ce3ca7201e8e749f7ea7614663def52a4c5e' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_roi' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_roi' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb)
-- Purpose: savings and costs of the AI's resolutions in a period, with every input, where
--   it comes from and the formula. An input that is missing leaves NULL all that needs it.
-- Parameters: the range and its zone (internal/analytics/kpi/definitions.md, "Ranges");
--   scenario, inputs by name that stand in for the others: {"wage_per_hour": 30}.
-- Rows: kind input, result or sensitivity (by how much net_savings grows when one input
--   grows by a tenth); value; source: measured, setting, scenario, missing; formula.
-- Who: signed-in users, with the caller's rights. Setting roi is for admins: others see
--   measured figures, and give the rest as a scenario.
CREATE OR REPLACE FUNCTION public.get_roi(from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, scenario jsonb DEFAULT NULL)
RETURNS TABLE (kind text, name text, value numeric, unit text, source text, formula text, reason text,
  period_start timestamptz, period_end timestamptz, time_zone text, partial boolean, definitions integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  days     CONSTANT numeric := EXTRACT(epoch FROM LEAST(edges[2], GREATEST(pg_catalog.now(), edges[1])) - edges[1]) / 86400;
  measured jsonb;
  inputs   jsonb := '{}';
  sources  jsonb := '{}';
  item     record;
BEGIN
  -- In a range that is not over, its days grow by the moment.
  IF edges[2] <= pg_catalog.now() AND romashka.unchanged('get_roi', pg_catalog.jsonb_build_array(from_date, to_date, scenario), zone_now) THEN
    RETURN;
  END IF;
  IF pg_catalog.jsonb_typeof(scenario) NOT IN ('object', 'null') THEN
    RAISE EXCEPTION 'scenario must be an object of numbers' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT pg_catalog.jsonb_object_agg(r.figure, CASE r.figure WHEN 'handling_time_mean' THEN r.value / 60 ELSE r.value END) INTO measured
  FROM romashka.kpi_report(edges, 'all', '{NULL,NULL,NULL,NULL,NULL,NULL}', '{ai_resolved,handling_time_mean}') AS r;
  FOR item IN
    SELECT v.name, romashka.kpi_number(scenario -> v.name) AS wanted, romashka.kpi_number(romashka.setting('roi') -> v.name) AS set,
           romashka.kpi_number(CASE v.name WHEN 'ai_resolved' THEN measured -> 'ai_resolved' WHEN 'minutes_per_conversation' THEN measured -> 'handling_time_mean'
             WHEN 'wage_per_hour' THEN romashka.setting('staffing') -> 'wage' WHEN 'days' THEN pg_catalog.to_jsonb(days) END) AS found
    FROM unnest('{ai_resolved,days,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month,investment}'::text[]) AS v (name)
  LOOP
    inputs := inputs || pg_catalog.jsonb_build_object(item.name, COALESCE(item.wanted, item.set, item.found));
    sources := sources || pg_catalog.jsonb_build_object(item.name, CASE WHEN item.wanted IS NOT NULL THEN 'scenario' WHEN item.set IS NOT NULL THEN 'setting'
      WHEN item.found IS NOT NULL THEN CASE item.name WHEN 'wage_per_hour' THEN 'setting' ELSE 'measured' END ELSE 'missing' END);
  END LOOP;
  RETURN QUERY
  SELECT r.kind, r.name, pg_catalog.trim_scale(pg_catalog.round(r.value, 4)), r.unit, r.source, r.formula,
         CASE WHEN r.value IS NOT NULL THEN NULL
              WHEN r.kind = 'input' AND r.name = 'minutes_per_conversation' THEN 'too few conversations with a human, and setting roi, minutes_per_conversation, is not set or not for the caller'
              WHEN r.kind = 'input' THEN 'setting roi, ' || r.name || ', is not set or not for the caller'
              WHEN r.name IN ('roi', 'payback_days') AND NOT EXISTS (SELECT FROM unnest(r.needs) AS n (name) WHERE sources ->> n.name = 'missing')
                THEN CASE r.name WHEN 'roi' THEN 'it costs nothing' ELSE 'it saves nothing' END
              ELSE COALESCE('missing: ' || (SELECT pg_catalog.string_agg(n.name, ', ') FROM unnest(r.needs) AS n (name) WHERE sources ->> n.name = 'missing'), 'no rows') END,
         edges[1], edges[2], zone_now, edges[2] > (pg_catalog.now() AT TIME ZONE zone_now)::date::timestamp AT TIME ZONE zone_now, 2
  FROM (
    SELECT 'input' AS kind, i.name, romashka.kpi_number(inputs -> i.name) AS value, i.unit, sources ->> i.name AS source, NULL::text AS formula, NULL::text[] AS needs, i.place
    FROM (VALUES (1, 'ai_resolved', 'conversations'), (2, 'days', 'days'), (3, 'wage_per_hour', 'money'), (4, 'minutes_per_conversation', 'minutes'),
      (5, 'ai_cost_per_resolution', 'money'), (6, 'platform_cost_per_month', 'money'), (7, 'investment', 'money')) AS i (place, name, unit)
    UNION ALL
    SELECT 'result', o.name, o.value, o.unit, 'computed', o.formula, o.needs, o.place
    FROM romashka.kpi_savings(inputs) AS o
    UNION ALL
    SELECT 'sensitivity', s.name, (SELECT o.value FROM romashka.kpi_savings(inputs || pg_catalog.jsonb_build_object(s.name, romashka.kpi_number(inputs -> s.name) * 1.1)) AS o WHERE o.name = 'net_savings')
             - (SELECT o.value FROM romashka.kpi_savings(inputs) AS o WHERE o.name = 'net_savings'),
           'money', 'computed', 'change of net_savings when ' || s.name || ' grows by a tenth',
           '{ai_resolved,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month}', 200 + s.place::integer
    FROM unnest('{ai_resolved,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month}'::text[]) WITH ORDINALITY AS s (name, place)
  ) AS r
  ORDER BY r.place;
END
$$;

REVOKE ALL ON FUNCTION public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb) IS 'What the AI saved and cost';
$text$;
made := to_regprocedure('public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_roi', 'public.get_roi(timestamp with time zone, timestamp with time zone, text, jsonb)', wanted, now(), s.definition
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
