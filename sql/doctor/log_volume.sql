-- Purpose: API logs that grow without anybody deciding for how long.
-- Needs table public.api_security_logs. Read only.
SELECT CASE WHEN pg_total_relation_size(c.oid) > 10e9 THEN 'error' ELSE 'warning' END AS severity,
       'table public.api_security_logs' AS object, 'public.api_security_logs' AS relation,
       'the log has grown large' AS fault,
       format('about %s rows, %s', greatest(c.reltuples, 0)::bigint, pg_size_pretty(pg_total_relation_size(c.oid))) AS evidence,
       'shorten retention_period of api_security_logs in data_retention_policies and run cleanup_old_analytics_data()' AS remedy
FROM pg_catalog.pg_class AS c
WHERE c.oid = 'public.api_security_logs'::regclass AND (pg_total_relation_size(c.oid) > 1e9 OR c.reltuples > 5e6)
