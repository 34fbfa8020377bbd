-- Purpose: how far detection has read, and how far this transaction sees.
-- Parameters: none.
-- Columns: the snapshot that was written last, '' for none; the present one; the time.
-- Run by: the login of background work, in a transaction that keeps its snapshot.
SELECT COALESCE((SELECT seen::text FROM romashka.detection), ''), pg_current_snapshot()::text, clock_timestamp()
