-- Purpose: the timetable, as the sidecar looks at it between runs.
-- Columns: name; in_sql, the job has a function; wait, seconds until it is due or
--   its lease ends, NULL: it is off or somebody is at it; done_ago, seconds since
--   its last run that did not fail, NULL: never; failing.
-- Run by: the role of romashka-db-background-uri.
SELECT j.name, j.function IS NOT NULL AS in_sql,
       EXTRACT(epoch FROM CASE
         WHEN j.next_run = 'infinity' THEN NULL
         WHEN j.lease_until IS NULL THEN j.next_run - clock_timestamp()
         ELSE j.lease_until - clock_timestamp() END)::float8 AS wait,
       EXTRACT(epoch FROM clock_timestamp() - j.last_run)::float8 AS done_ago,
       j.last_failure IS NOT NULL AS failing
FROM romashka.jobs AS j ORDER BY j.name
