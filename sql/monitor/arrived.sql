-- Purpose: the condition of rows that a snapshot did not see; it follows the columns of
--   requests.sql and sessions.sql. Rows of another cluster, whose transactions are ahead, wait.
-- Parameters: $1 the snapshot.
-- Run by: the login of background work.
WHERE arrived >= pg_snapshot_xmin($1::text::pg_snapshot) AND arrived < pg_snapshot_xmax(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(arrived, $1::text::pg_snapshot)
