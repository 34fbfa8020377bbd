-- Purpose: an API log that is large enough to be partitioned by day, or is being made so and
-- was left half-way, or is and lacks days to come, or has rows that no day has, or is being
-- made one table again and was left half-way.
-- Parameters: none. Read only.
-- Needs: public.api_security_logs
WITH log AS (
  SELECT c.oid, c.relkind = 'p' AS partitioned, GREATEST(c.reltuples, 0)::bigint AS rows,
         EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.conname = 'romashka_past') AS begun
  FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass
), part AS (
  SELECT p.oid, pg_catalog.pg_get_expr(p.relpartbound, p.oid) AS bound, GREATEST(p.reltuples::bigint, pg_catalog.pg_stat_get_live_tuples(p.oid), 0) AS rows
  FROM log JOIN pg_catalog.pg_inherits AS i ON i.inhparent = log.oid JOIN pg_catalog.pg_class AS p ON p.oid = i.inhrelid
  WHERE log.partitioned
), ahead AS (
  SELECT max(substring(p.bound FROM 'TO \(''([^'']+)''\)')::timestamptz) AS until FROM part AS p
)
SELECT 'info' AS severity, 'table public.api_security_logs' AS object, 'public.api_security_logs' AS relation,
       'from ten million rows on it is better partitioned by day: retention then drops days in place of deleting rows' AS fault,
       format('about %s rows', log.rows) AS evidence, 'romashka migrate partition api_security_logs --plan' AS remedy
FROM log WHERE NOT log.partitioned AND NOT log.begun AND log.rows >= 1e7
UNION ALL
SELECT 'warning', 'table public.api_security_logs', 'public.api_security_logs', 'it was begun to partition it, and not finished: rows dated ahead cannot come',
       'it has the constraint romashka_past', 'romashka migrate partition api_security_logs # or, to take it back, with --abort'
FROM log WHERE log.begun AND NOT log.partitioned
UNION ALL
SELECT 'warning', 'table public.api_security_logs', 'public.api_security_logs', 'it was begun to make it one table again, and not finished: each row is written twice, and retention drops no days',
       'there is the table romashka.api_security_logs_whole', 'romashka migrate partition api_security_logs --undo # or, to take that back, with --abort'
FROM log WHERE pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL
UNION ALL
SELECT CASE WHEN ahead.until IS NULL OR ahead.until <= now() THEN 'error' ELSE 'warning' END, 'table public.api_security_logs', 'public.api_security_logs',
       'partitions for the days to come are missing: their rows go into the default partition, which retention empties by deleting rows',
       format('the last one ends at %s', COALESCE(ahead.until::text, 'no time')),
       'SELECT * FROM romashka.job_partitions(now()); -- each hour: set romashka-jobs, or have pg_cron SELECT romashka.run_due_jobs()'
FROM log CROSS JOIN ahead WHERE log.partitioned AND COALESCE(ahead.until, '-infinity') < now() + interval '2 days'
UNION ALL
SELECT 'info', format('table %s', p.oid::regclass), 'public.api_security_logs', 'has rows that no day has: dated far ahead or back, or of days that were made too late',
       format('about %s rows', p.rows), format('SELECT "timestamp", count(*) FROM %s GROUP BY 1 ORDER BY 1; -- they are read and kept like all others', p.oid::regclass)
FROM part AS p WHERE p.bound = 'DEFAULT' AND p.rows > 0
