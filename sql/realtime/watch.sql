-- Purpose: has changes of a table noted for a minute.
-- Parameters: 1 oid of the table.
-- Columns: what keeps them from being noted; NULL = nothing.
-- Run by: the role that follows changes.
SELECT romashka.watch_table($1::pg_catalog.oid)
