-- Purpose: API logs that grow without anybody deciding for how long, or that
-- have reached the size from which the sidecar writes evidence alone.
-- Parameters: @log_ceiling, in bytes, 0 for no limit. Read only.
-- Needs: public.api_security_logs
SELECT CASE WHEN log.bytes > 10e9 OR full_at.bytes <= log.bytes THEN 'error' ELSE 'warning' END AS severity,
       'table public.api_security_logs' AS object, 'public.api_security_logs' AS relation,
       CASE
         WHEN full_at.bytes <= log.bytes THEN 'the log is at its ceiling, and may not be written any more'
         WHEN full_at.bytes <= log.bytes / 9 * 10 THEN 'the log nears its ceiling, and may be written for sign-ins and refusals alone'
         ELSE 'the log has grown large'
       END AS fault,
       format('about %s rows, %s', log.rows, pg_size_pretty(log.bytes)) AS evidence,
       'SELECT data_category, retention_period FROM public.data_retention_policies WHERE data_category = ''api_security_logs''; -- shorten it and run SELECT * FROM public.cleanup_old_analytics_data(), or raise romashka-api-log-ceiling' AS remedy
FROM (
  SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes, sum(greatest(c.reltuples, 0))::bigint AS rows
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind <> 'p' -- which has the rows of all partitions once more
    AND c.oid IN (SELECT 'public.api_security_logs'::regclass UNION SELECT relid FROM pg_partition_tree('public.api_security_logs'))
) AS log
CROSS JOIN (SELECT nullif(@log_ceiling::bigint, 0) AS bytes) AS full_at
WHERE log.bytes > 1e9 OR log.rows > 5e6 OR full_at.bytes <= log.bytes / 9 * 10
UNION ALL
SELECT 'info', 'table public.api_security_logs', 'public.api_security_logs',
       'from five million requests a day on, an engine made for logs keeps them for less: what is looked at later can go there alone, and this table be kept for a shorter time',
       format('about %s rows a day', (log.rows / log.days)::bigint),
       'SELECT date_trunc(''day'', "timestamp") AS day, count(*) FROM public.api_security_logs WHERE "timestamp" > now() - interval ''2 days'' GROUP BY 1; -- romashka-api-log=both sends requests to a collector, too (OTLP); detection needs the rows of the last days'
FROM (
  SELECT sum(greatest(c.reltuples, 0)) AS rows,
         greatest(extract(epoch FROM least((SELECT max("timestamp") FROM public.api_security_logs), now()) - (SELECT min("timestamp") FROM public.api_security_logs)) / 86400, 1) AS days
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind <> 'p' -- which has the rows of all partitions once more
    AND c.oid IN (SELECT 'public.api_security_logs'::regclass UNION SELECT relid FROM pg_partition_tree('public.api_security_logs'))
) AS log
WHERE log.rows / log.days >= 5e6
