-- Purpose: ends a run, see functions/finish_job.sql.
-- Parameters: $1 run, $2 outcome, $3 result, $4 more, $5 quiet. Column: false where another has the job.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.finish_job($1, $2, $3, $4, $5)
