-- Purpose: renews leases. Parameters: $1 runs, $2 lease in seconds.
-- Columns: the runs that nobody has taken over.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.renew_jobs($1::bigint[], make_interval(secs => $2))
