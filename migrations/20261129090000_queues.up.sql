-- kpi_changes and text_queue gain a row with every message, also where nobody
-- runs the jobs that empty them, which is the default; and for ever.
--
-- Mend: a queue is written to from the first run of its job on, until nobody has
-- read it for seven days; the next run then starts anew from all rows. A writer
-- that does not note its rows has read noting = false, so it was at work before the
-- run that set it to true was committed; all rows are read only when each
-- transaction of that moment has ended. Writers wait for nobody.
CREATE TABLE IF NOT EXISTS romashka.queues (
  name      text PRIMARY KEY,
  noting    boolean NOT NULL DEFAULT false, -- writers add to it
  filled    boolean NOT NULL DEFAULT false, -- since then, all rows were read once
  read_at   timestamptz,                    -- to about an hour
  waits_for text[]                          -- transactions that may not have noted their rows
);
COMMENT ON TABLE romashka.queues IS 'Which queues of jobs are written to';
ALTER TABLE romashka.queues ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.queues;
CREATE POLICY "Only the owner" ON romashka.queues FOR ALL TO authenticated USING (false);
REVOKE ALL ON romashka.queues FROM PUBLIC, anon, authenticated, service_role;

-- queue_state is asked by triggers: on, off, or ends for the one writer that has
-- just turned it off.
CREATE OR REPLACE FUNCTION romashka.queue_state(queue text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  longest CONSTANT interval := '7 days';
  q       romashka.queues;
BEGIN
  SELECT * INTO q FROM romashka.queues AS s WHERE s.name = queue;
  IF q.noting IS NOT TRUE THEN
    RETURN 'off';
  END IF;
  IF q.read_at > pg_catalog.now() - longest THEN
    RETURN 'on';
  END IF;
  BEGIN
    UPDATE romashka.queues AS s SET noting = false, filled = false
    WHERE s.name = (SELECT o.name FROM romashka.queues AS o
      WHERE o.name = queue AND o.noting AND (o.read_at > pg_catalog.now() - longest) IS NOT TRUE FOR UPDATE SKIP LOCKED);
    IF FOUND THEN
      RETURN 'ends';
    END IF;
  EXCEPTION WHEN serialization_failure THEN NULL; -- another has just done so
  END;
  RETURN 'on';
END
$$;
REVOKE ALL ON FUNCTION romashka.queue_state(text) FROM PUBLIC;

-- read_queue is called by a job, first in its transaction: begun, writers note
-- their rows from its commit on; waits, for writers of before; anew, all rows are to be
-- read, and filled to be set; filled, the queue has all there is.
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
  -- Whoever began later has seen noting = true. A prepared transaction has no process.
  SELECT pg_catalog.array_agg(DISTINCT l.virtualtransaction) INTO early
  FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
  WHERE (l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
      AND (a.pid IS NULL OR a.datid = here AND a.usesysid IS NOT NULL)
    OR l.pid IS NULL AND l.database = here)
    AND (q.waits_for IS NULL OR l.virtualtransaction = ANY (q.waits_for));
  IF early IS NULL THEN
    RETURN 'anew';
  END IF;
  UPDATE romashka.queues AS s SET waits_for = early WHERE s.name = queue;
  RETURN 'waits';
END
$$;
REVOKE ALL ON FUNCTION romashka.read_queue(text) FROM PUBLIC;

-- Queues that have been read at least once go on; the other waiting rows are of
-- no use.
INSERT INTO romashka.queues (name, noting, filled, read_at)
SELECT 'kpi', s.ready, s.ready, CASE WHEN s.ready THEN pg_catalog.now() END FROM romashka.kpi_state AS s
ON CONFLICT DO NOTHING;
INSERT INTO romashka.queues (name, noting, filled, read_at)
SELECT 'text', s.done, s.done, CASE WHEN s.done THEN pg_catalog.now() END FROM (SELECT EXISTS (SELECT FROM romashka.text_state)) AS s (done)
ON CONFLICT DO NOTHING;
DO $unread$
BEGIN
  IF EXISTS (SELECT FROM romashka.queues WHERE name = 'kpi' AND NOT noting) THEN
    TRUNCATE romashka.kpi_changes;
  END IF;
  IF EXISTS (SELECT FROM romashka.queues WHERE name = 'text' AND NOT noting) THEN
    TRUNCATE romashka.text_queue;
  END IF;
END
$unread$;
DROP TABLE IF EXISTS romashka.text_state;

CREATE OR REPLACE FUNCTION romashka.note_kpi_rows()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  queue CONSTANT text := romashka.queue_state('kpi');
BEGIN
  IF queue = 'off' THEN
    RETURN NULL;
  END IF;
  IF queue = 'ends' OR TG_OP = 'TRUNCATE' THEN -- figures are read from all rows until the next run
    INSERT INTO romashka.kpi_changes (conversation_id) VALUES (NULL);
  ELSIF TG_TABLE_NAME = 'conversations' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) SELECT r.id FROM changed_rows AS r;
  ELSE
    INSERT INTO romashka.kpi_changes (conversation_id)
    SELECT DISTINCT r.conversation_id FROM changed_rows AS r WHERE r.conversation_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.note_kpi_row()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  was    CONSTANT jsonb := pg_catalog.to_jsonb(OLD);
  became CONSTANT jsonb := pg_catalog.to_jsonb(NEW);
  queue  text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.unnest(TG_ARGV) AS c (name) WHERE was -> c.name IS DISTINCT FROM became -> c.name) THEN
    RETURN NULL;
  END IF;
  queue := romashka.queue_state('kpi');
  IF queue = 'off' THEN
    RETURN NULL;
  END IF;
  IF queue = 'ends' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) VALUES (NULL);
  ELSIF TG_TABLE_NAME = 'conversations' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) VALUES (NEW.id);
  ELSE
    INSERT INTO romashka.kpi_changes (conversation_id)
    SELECT DISTINCT c.id FROM (VALUES (OLD.conversation_id), (NEW.conversation_id)) AS c (id) WHERE c.id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.queue_text()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF romashka.queue_state('text') = 'on' THEN
    INSERT INTO romashka.text_queue (message_id)
    SELECT f.id FROM fresh AS f WHERE f.sender_type IN ('user', 'customer');
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.queue_text_again()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF romashka.queue_state('text') = 'on' THEN
    INSERT INTO romashka.text_queue (message_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END
$$;
