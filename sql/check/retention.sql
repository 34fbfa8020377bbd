-- Purpose: API logs that should be gone by now, by the retention that the
-- project set itself, and their weight.
-- Parameters: none. Read only.
-- Needs: public.api_security_logs, public.data_retention_policies
SELECT CASE WHEN late.days > 7 THEN 'warning' ELSE 'info' END AS severity,
       'table public.api_security_logs' AS object, 'public.api_security_logs' AS relation,
       format('keeps rows for longer than the %s days that were decided', p.retention_period) AS fault,
       format('oldest %s days past it; about %s rows, %s', late.days, greatest(c.reltuples, 0)::bigint, pg_size_pretty(pg_total_relation_size(c.oid))) AS evidence,
       'SELECT * FROM public.cleanup_old_analytics_data(); -- each day, by cron or the sidecar''s background work' AS remedy
FROM public.data_retention_policies AS p
JOIN pg_catalog.pg_class AS c ON c.oid = 'public.api_security_logs'::regclass
CROSS JOIN LATERAL (
  SELECT date_part('day', now() - min(l.timestamp))::integer - p.retention_period AS days FROM public.api_security_logs AS l
) AS late
WHERE p.data_category = 'api_security_logs' AND p.auto_delete AND late.days > 1
