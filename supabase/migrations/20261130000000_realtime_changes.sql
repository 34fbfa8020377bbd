-- Written by `make generate` from migrations/20261130000000_realtime_changes.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261130000000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Realtime read changes of tables from the write-ahead log alone: where wal_level is
-- not logical, or the login may not replicate, no change reached anybody.
--
-- Mend: there triggers write the key of each changed row into realtime_changes, and
-- each sidecar reads what it has not seen. A table has the trigger only while
-- somebody wants to know of it: romashka.watch_table() puts it there, and
-- romashka.forget_tables() takes it away again.
--
-- The rows are read by snapshots of transactions and not by number: a number given
-- early may be seen late. They are worth nothing after a crash, when every client is
-- told that changes were missed, so the table keeps no log. Nothing is said with
-- NOTIFY, behind which all commits of a database queue.
CREATE UNLOGGED TABLE IF NOT EXISTS romashka.realtime_changes (
  xid xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
  id bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (xid, id)
);
ALTER TABLE romashka.realtime_changes
  ADD COLUMN IF NOT EXISTS relid oid NOT NULL,
  ADD COLUMN IF NOT EXISTS op text NOT NULL,
  ADD COLUMN IF NOT EXISTS key text[] NOT NULL,
  ADD COLUMN IF NOT EXISTS rekeyed boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp();
COMMENT ON TABLE romashka.realtime_changes IS 'Keys of changed rows, for some seconds, where Realtime cannot read the write-ahead log';
COMMENT ON COLUMN romashka.realtime_changes.rekeyed IS 'an update gave the row another key';
-- Rows live for seconds: dead ones are to go before they are many.
ALTER TABLE romashka.realtime_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
REVOKE ALL ON romashka.realtime_changes FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.realtime_changes ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's

CREATE TABLE IF NOT EXISTS romashka.realtime_tables (relid oid PRIMARY KEY);
ALTER TABLE romashka.realtime_tables ADD COLUMN IF NOT EXISTS watched_until timestamptz NOT NULL;
COMMENT ON TABLE romashka.realtime_tables IS 'Tables whose changes somebody wants to know, and until when they are noted';
REVOKE ALL ON romashka.realtime_tables FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.realtime_tables ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's

-- note_change notes the key of a row. Its arguments are the table's oid (a partition
-- may fire the trigger of its parent) and the columns of the primary key. It never
-- fails for want of a column: the writer of the row has nothing to do with it.
--
-- A transaction above READ COMMITTED sees the list of tables as it was when it began,
-- so it notes whatever the list says.
CREATE OR REPLACE FUNCTION romashka.note_change()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  row_now    jsonb;
  row_before jsonb;
  key_now    text[] := '{}';
  key_before text[] := '{}';
  name       text;
BEGIN
  IF pg_catalog.current_setting('transaction_isolation') = 'read committed' AND NOT EXISTS (
      SELECT FROM romashka.realtime_tables AS t
      WHERE t.relid = TG_ARGV[0]::oid AND t.watched_until > pg_catalog.statement_timestamp()) THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    row_before := pg_catalog.to_jsonb(OLD);
  END IF;
  IF TG_OP = 'DELETE' THEN
    row_now := row_before;
  ELSE
    row_now := pg_catalog.to_jsonb(NEW);
  END IF;
  FOREACH name IN ARRAY TG_ARGV[1:] LOOP
    key_now := key_now || (row_now ->> name);
    key_before := key_before || (row_before ->> name);
  END LOOP;
  IF pg_catalog.array_position(key_now, NULL) IS NULL THEN
    INSERT INTO romashka.realtime_changes (relid, op, key, rekeyed)
    VALUES (TG_ARGV[0]::oid, TG_OP, key_now, TG_OP = 'UPDATE' AND key_now IS DISTINCT FROM key_before);
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.note_change() FROM PUBLIC;
COMMENT ON FUNCTION romashka.note_change() IS 'Notes the key of a changed row for Realtime';
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261130000000, 'realtime_changes', 'e85ab8bfd75e1619bc1f1e1b5488188ee2633bd91b7913458e6eb063068ea6af', now());
END
$romashka$;
