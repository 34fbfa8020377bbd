-- Purpose: changes that triggers have noted, and that a snapshot did not see: those of
-- transactions that were under way then, and of later ones. Each is returned once
-- whatever the order of the commits, and those of one row in their order.
-- Parameters: 1 the snapshot of the last time; NULL = none, and no change is returned.
-- Columns: this snapshot; then, NULL where there is no change: oid of the table, kind,
-- values of the key, whether the key is another one, when.
-- Run by: the role that follows changes.
SELECT s.now::text, c.relid, c.op, c.key, c.rekeyed, c.changed_at
FROM (SELECT pg_catalog.pg_current_snapshot() AS now) AS s
LEFT JOIN (
  SELECT * FROM romashka.realtime_changes WHERE xid >= pg_catalog.pg_snapshot_xmax($1::text::pg_snapshot)
  UNION ALL
  SELECT * FROM romashka.realtime_changes WHERE xid = ANY (ARRAY(SELECT pg_catalog.pg_snapshot_xip($1::text::pg_snapshot)))
) AS c ON true
ORDER BY c.id
