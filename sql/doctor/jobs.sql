-- Purpose: jobs that nobody runs, or that fail. A day late is late: they are due
-- every hour or so. Parameters: none. Read only.
SELECT CASE WHEN j.last_failure IS NULL THEN 'info' ELSE 'warning' END AS severity,
       format('job %s', j.name) AS object,
       'romashka.jobs' AS relation,
       CASE WHEN j.last_failure IS NOT NULL THEN 'it fails'
            WHEN j.name = 'daily_metrics' THEN 'nothing counts daily_analytics and the daily_metrics of all channels'
            ELSE 'nothing deletes what data_retention_policies no longer keeps' END AS fault,
       COALESCE(j.last_failure, format('due since %s, last run: %s', date_trunc('minute', j.next_run), COALESCE(date_trunc('minute', j.last_run)::text, 'never'))) AS evidence,
       CASE WHEN j.last_failure IS NOT NULL THEN format('mend that, then UPDATE romashka.jobs SET next_run = now() WHERE name = %L;', j.name)
            ELSE format('set romashka-jobs, or SELECT cron.schedule(''romashka'', ''*/5 * * * *'', ''SELECT romashka.run_due_jobs()''); to do without: UPDATE romashka.jobs SET next_run = ''infinity'' WHERE name = %L;', j.name) END AS remedy
FROM romashka.jobs AS j
WHERE j.last_failure IS NOT NULL OR j.next_run < now() - interval '1 day'
