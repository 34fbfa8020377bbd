-- Purpose: does what romashka.jobs says is due, unless another is at it.
-- Columns: job, result text; a result that begins with "failed: " is a failure.
-- Run by: the role of romashka-db-background-uri, the owner of schema romashka
--   or one who was granted USAGE on it and EXECUTE on the function.
SELECT job, result FROM romashka.run_due_jobs()
