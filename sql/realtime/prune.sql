-- Purpose: removes noted changes that everybody has read.
-- Parameters: 1 a snapshot that is older than any reader's last one.
-- Run by: the role that follows changes.
DELETE FROM romashka.realtime_changes AS c
WHERE c.xid < pg_catalog.pg_snapshot_xmax($1::text::pg_snapshot) AND pg_catalog.pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
