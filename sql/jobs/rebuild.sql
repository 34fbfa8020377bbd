-- Purpose: does a job in SQL from scratch, and ends the run, see functions/rebuild_claimed_job.sql.
-- Parameters: $1 run. Columns: result, more.
-- Run by: the role of romashka-db-background-uri.
SELECT COALESCE(r.result, '') AS result, r.more FROM romashka.rebuild_claimed_job($1) AS r
