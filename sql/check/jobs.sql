-- Purpose: jobs that fail, that nobody does although they are due, or that nobody
-- knows how to do.
-- Parameters: @jobs, names of those in Go that this release has. Read only.
-- Needs: romashka.jobs, romashka.job_runs
WITH job AS (
  SELECT j.*,
         COALESCE(CASE WHEN j.function IS NOT NULL THEN to_regprocedure(j.call) IS NULL END, NOT j.name = ANY (@jobs::text[])) AS unknown,
         j.next_run < now() - LEAST(GREATEST(3 * j.every, interval '10 minutes'), interval '1 day')
           AND (j.lease_until IS NULL OR j.lease_until < now()) AS overdue
  FROM (SELECT *, 'romashka.' || quote_ident(function) || '(timestamptz)' AS call FROM romashka.jobs) AS j WHERE j.next_run < 'infinity'
)
SELECT CASE WHEN j.unknown OR j.last_failure IS NOT NULL OR j.last_run IS NOT NULL THEN 'warning' ELSE 'info' END AS severity,
       format('job %s', j.name) AS object,
       'romashka.jobs' AS relation,
       CASE WHEN j.unknown AND j.function IS NULL THEN 'no job of this release has this name'
            WHEN j.unknown THEN 'its function is not there'
            WHEN j.last_failure IS NOT NULL THEN 'it fails'
            WHEN j.name = 'daily_metrics' THEN 'nothing counts daily_analytics and the daily_metrics of all channels'
            WHEN j.name = 'retention' THEN 'nothing deletes what data_retention_policies no longer keeps'
            ELSE 'it is overdue, and nobody does it' END AS fault,
       CASE WHEN j.unknown THEN COALESCE('there is no ' || j.call, 'it has no function')
            WHEN j.last_failure IS NOT NULL THEN format('%s in a row, the last: %s', GREATEST(j.failures, 1), j.last_failure)
            ELSE format('due since %s, last run: %s', date_trunc('minute', j.next_run), COALESCE(date_trunc('minute', j.last_run)::text, 'never')) END AS evidence,
       CASE WHEN j.unknown THEN format('DELETE FROM romashka.jobs WHERE name = %L; -- or run a release that knows it', j.name)
            WHEN j.last_failure IS NOT NULL THEN format('romashka jobs history %s && romashka jobs run %1$s', j.name)
            WHEN j.function IS NULL THEN format('romashka jobs run %s # each time: set romashka-jobs; to do without: UPDATE romashka.jobs SET next_run = ''infinity'' WHERE name = %1$L', j.name)
            ELSE format('romashka jobs run %s # each time: set romashka-jobs, or SELECT cron.schedule(''romashka'', ''*/5 * * * *'', ''SELECT romashka.run_due_jobs()''); to do without: UPDATE romashka.jobs SET next_run = ''infinity'' WHERE name = %1$L', j.name) END AS remedy
FROM job AS j
WHERE j.unknown OR j.last_failure IS NOT NULL OR j.overdue
