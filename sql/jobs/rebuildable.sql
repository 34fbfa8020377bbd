-- Purpose: whether a job in SQL can be done from scratch.
-- Parameters: $1 its name.
-- Run by: the role of romashka-db-background-uri.
SELECT EXISTS (SELECT FROM romashka.jobs AS j WHERE j.name = $1 AND j.function IS NOT NULL)
  AND EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'rebuild_' || $1 AND p.pronargs = 0)
