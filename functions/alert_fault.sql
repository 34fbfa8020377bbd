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
