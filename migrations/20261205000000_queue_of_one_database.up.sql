-- A connection that is being made, to whichever database of the server, holds a lock of
-- its first transaction before pg_stat_activity has its row, and nobody can say whose it is.
-- The first run of a job after its queue was begun waited for it, so one more minute passed.
--
-- Mend: it is not waited for. Its start writes nothing, and it began after noting was set to
-- true, or it would be in pg_stat_activity.
CREATE OR REPLACE FUNCTION romashka.read_queue(queue text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  q     romashka.queues;
  here  CONSTANT oid := (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database());
  early text[];
BEGIN
  SELECT * INTO q FROM romashka.queues AS s WHERE s.name = queue FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN -- a writer is turning it off, or another run is at work
    RETURN 'waits';
  END IF;
  IF NOT q.noting THEN
    UPDATE romashka.queues AS s SET noting = true, filled = false, read_at = pg_catalog.now(), waits_for = NULL WHERE s.name = queue;
    RETURN 'begun';
  END IF;
  IF (q.read_at > pg_catalog.now() - interval '1 hour') IS NOT TRUE THEN
    UPDATE romashka.queues AS s SET read_at = pg_catalog.now() WHERE s.name = queue;
  END IF;
  IF q.filled THEN
    RETURN 'filled';
  END IF;
  -- Whoever began later has seen noting = true: also who is not in pg_stat_activity yet.
  -- A prepared transaction has no process.
  SELECT pg_catalog.array_agg(DISTINCT l.virtualtransaction) INTO early
  FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
  WHERE (l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
      AND a.datid = here AND a.usesysid IS NOT NULL
    OR l.pid IS NULL AND l.database = here)
    AND (q.waits_for IS NULL OR l.virtualtransaction = ANY (q.waits_for));
  IF early IS NULL THEN
    RETURN 'anew';
  END IF;
  UPDATE romashka.queues AS s SET waits_for = early WHERE s.name = queue;
  RETURN 'waits';
END
$$;
