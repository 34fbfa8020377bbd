-- Purpose: the outcomes of runs, the newest first.
-- Parameters: $1 the name of a job, NULL: all; $2 how many.
-- Columns: see internal/platform/jobs, Run.
-- Run by: the role of romashka-db-background-uri.
SELECT r.id, r.job, r.owner, r.started_at, r.finished_at,
       EXTRACT(epoch FROM r.finished_at - r.started_at)::float8 AS seconds, r.outcome, COALESCE(r.result, '') AS result
FROM romashka.job_runs AS r
WHERE $1::text IS NULL OR r.job = $1
ORDER BY r.id DESC LIMIT $2
