-- Purpose: incidents that are open for longer than their severity allows: a day
-- for critical, three for high ones and for breaches (the time in which an
-- authority is to be notified), 14 for medium, 60 for low.
-- Parameters: none. Read only.
-- Needs: public.security_incidents
-- Source: GDPR Art. 33(1), 72 hours.
WITH incident AS (
  SELECT i.severity, i.created_at < now() - CASE WHEN i.severity = 'critical' THEN interval '24 hours'
           WHEN i.severity = 'high' OR i.incident_type = 'data_breach' THEN interval '72 hours'
           WHEN i.severity = 'medium' THEN interval '14 days' ELSE interval '60 days' END AS late, i.created_at
  FROM public.security_incidents AS i WHERE i.resolved IS NOT TRUE
)
SELECT CASE WHEN bool_or(late AND severity IN ('critical', 'high')) THEN 'error' ELSE 'warning' END AS severity,
       'table public.security_incidents' AS object, 'public.security_incidents' AS relation,
       'incidents are open for longer than their severity allows' AS fault,
       format('%s of %s open incidents, %s critical or high, the oldest of %s days', count(*) FILTER (WHERE late), count(*),
              count(*) FILTER (WHERE late AND severity IN ('critical', 'high')), extract(day FROM now() - min(created_at) FILTER (WHERE late))) AS evidence,
       'SELECT id, severity, created_at FROM public.security_incidents WHERE resolved IS NOT TRUE ORDER BY created_at; -- work on them, then UPDATE public.security_incidents SET resolved = true, resolved_at = now() WHERE id = ...;' AS remedy
FROM incident
HAVING bool_or(late)
