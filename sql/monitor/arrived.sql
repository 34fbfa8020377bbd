  -- Purpose: a further condition of requests.sql and sessions.sql: rows that a
  --   snapshot did not see. Rows of another cluster, whose transactions are ahead, wait.
  -- Parameters: $3 the snapshot.
  -- Run by: the login of background work.
  AND arrived >= pg_snapshot_xmin($3::text::pg_snapshot) AND arrived < pg_snapshot_xmax(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(arrived, $3::text::pg_snapshot)
