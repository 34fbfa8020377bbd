-- Purpose: does a job in SQL, and ends the run, see functions/run_claimed_job.sql.
-- Parameters: $1 run. Columns: result, more.
-- Run by: the role of romashka-db-background-uri.
SELECT COALESCE(r.result, '') AS result, r.more FROM romashka.run_claimed_job($1) AS r
