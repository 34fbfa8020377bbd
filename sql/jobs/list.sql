-- Purpose: the timetable, for people. Columns: see internal/platform/jobs, Entry.
-- Run by: the role of romashka-db-background-uri.
SELECT j.name, CASE WHEN j.function IS NULL THEN 'go' ELSE 'sql' END AS kind, j.function,
       EXTRACT(epoch FROM j.every)::float8 AS every_seconds, EXTRACT(epoch FROM j.timeout)::float8 AS timeout_seconds,
       CASE WHEN j.lease_until > clock_timestamp() THEN 'running'
            WHEN j.next_run = 'infinity' THEN 'off'
            WHEN j.lease_until IS NOT NULL THEN 'lost'
            WHEN j.last_failure IS NOT NULL THEN 'failing'
            WHEN j.next_run <= clock_timestamp() THEN 'due'
            ELSE 'waiting' END AS state,
       NULLIF(j.next_run, 'infinity') AS next_run, j.last_run, j.last_result, j.last_failure, j.failures,
       CASE WHEN j.lease_until IS NOT NULL THEN j.owner END AS owner,
       CASE WHEN j.lease_until IS NOT NULL THEN j.started_at END AS started_at
FROM romashka.jobs AS j ORDER BY j.name
