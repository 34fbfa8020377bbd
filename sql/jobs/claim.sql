-- Purpose: has a job given to this process, see functions/claim_job.sql.
-- Parameters: $1 owner, $2 lease in seconds, $3 names that it knows, $4 the one that is wanted, or NULL.
-- Columns: job, run, in_sql, timeout in seconds.
-- Run by: the role of romashka-db-background-uri.
SELECT c.job, c.run, c.in_sql, EXTRACT(epoch FROM c.timeout)::float8 AS timeout
FROM romashka.claim_job($1, make_interval(secs => $2), $3::text[], $4::text) AS c
