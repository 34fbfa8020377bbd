-- Purpose: whether changes can be noted by triggers.
-- Parameters: none.
-- Columns: whether the migrations are there; whether this login may use them.
-- Run by: the role that follows changes.
SELECT p.oid IS NOT NULL, CASE WHEN p.oid IS NOT NULL THEN pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
  AND pg_catalog.has_table_privilege('romashka.realtime_changes', 'SELECT') AND pg_catalog.has_table_privilege('romashka.realtime_changes', 'DELETE') ELSE false END
FROM (SELECT pg_catalog.to_regprocedure('romashka.watch_table(oid)')::pg_catalog.oid AS oid) AS p
