-- Written by `make generate` from functions/alert_fault.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:da42bd36f362105f6c9dae4a47ef2bcb9039829d8d72632c2d2b69b496b34dfa' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.alert_fault(jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'alert_fault' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'alert_fault' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.alert_fault(jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.alert_fault(jsonb)
-- Purpose: the fault of a rule of the setting kpi_targets, alerts:
--   {"figure": "waiting", "above": 20, "clear": 15, "for_seconds": 60,
--    "clear_seconds": 120, "window_minutes": 60, "severity": "high", "channel": "email"};
--   below in place of above; team, agent, priority, language beside channel. figure is
--   one of get_operational_dashboard, or of the list of figures, over the window.
-- Rows: one text for whoever sets it; NULL when nothing is wrong.
-- Who: the owner, by way of setting_fault.
CREATE OR REPLACE FUNCTION romashka.alert_fault(rule jsonb)
RETURNS text LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  now_figures CONSTANT text[] := '{active,waiting,unassigned,longest_wait,median_wait,agents_online,agents_available,capacity,load,utilisation,conversations_last_hour,conversations_today,resolved_today,ai_resolved_today,missed_today,handoffs_today,first_response_median_today,first_response_p90_today,resolution_time_median_today,sla_first_response_rate_today,csat_today,csat_mean_today}';
  unknown     CONSTANT text := (SELECT k FROM pg_catalog.jsonb_object_keys(CASE pg_catalog.jsonb_typeof(rule) WHEN 'object' THEN rule ELSE '{}' END) AS k
                WHERE k <> ALL ('{figure,above,below,clear,for_seconds,clear_seconds,window_minutes,severity,channel,team,agent,priority,language}'::text[]) LIMIT 1);
BEGIN
  IF pg_catalog.jsonb_typeof(rule) <> 'object' OR rule ->> 'figure' IS NULL THEN
    RETURN 'want {"figure": "waiting", "above": 20}';
  ELSIF unknown IS NOT NULL THEN
    RETURN pg_catalog.format('a rule has no "%s"', pg_catalog.left(unknown, 60));
  ELSIF rule ->> 'figure' <> ALL (now_figures) AND rule ->> 'figure' NOT IN (SELECT c.figure FROM romashka.kpi_catalogue() AS c WHERE c.kind <> 'none') THEN
    RETURN pg_catalog.format('there is no figure "%s"', pg_catalog.left(rule ->> 'figure', 60));
  ELSIF (rule ? 'above') = (rule ? 'below') THEN
    RETURN pg_catalog.format('%s: want above or below', rule ->> 'figure');
  ELSIF EXISTS (SELECT FROM unnest('{above,below,clear}'::text[]) AS n (name) WHERE rule ? n.name AND NOT romashka.is_number(rule -> n.name, 0, 1e12))
     OR EXISTS (SELECT FROM unnest('{for_seconds,clear_seconds,window_minutes}'::text[]) AS n (name) WHERE rule ? n.name AND NOT romashka.is_number(rule -> n.name, 0, 604800)) THEN
    RETURN pg_catalog.format('%s: limits and times are numbers from 0 on', rule ->> 'figure');
  ELSIF rule ? 'window_minutes' AND NOT romashka.is_number(rule -> 'window_minutes', 1, 10080) THEN
    RETURN pg_catalog.format('%s: window_minutes must be from 1 to 10080', rule ->> 'figure');
  ELSIF (rule ->> 'clear')::numeric > (rule ->> 'above')::numeric OR (rule ->> 'clear')::numeric < (rule ->> 'below')::numeric THEN
    RETURN pg_catalog.format('%s: clear must not lie beyond the limit', rule ->> 'figure');
  ELSIF rule ->> 'severity' NOT IN ('low', 'medium', 'high', 'critical') THEN
    RETURN pg_catalog.format('%s: severity must be low, medium, high or critical', rule ->> 'figure');
  END IF;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.alert_fault(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION romashka.alert_fault(jsonb) IS 'What is wrong with a rule on a figure; NULL when nothing is';
$text$;
made := to_regprocedure('romashka.alert_fault(jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'alert_fault', 'romashka.alert_fault(jsonb)', wanted, now(), s.definition
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
