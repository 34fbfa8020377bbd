-- Purpose: see functions/hold_job.sql. Parameters: $1 run. Column: whether it still has its job.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.hold_job($1)
