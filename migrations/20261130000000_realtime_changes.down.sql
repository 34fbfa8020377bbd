-- These are bound to it, see functions/.
DROP FUNCTION IF EXISTS romashka.watch_table(oid);
DROP FUNCTION IF EXISTS romashka.forget_tables();
-- With it go the triggers on the tables that are watched.
DROP FUNCTION IF EXISTS romashka.note_change() CASCADE;
DROP TABLE IF EXISTS romashka.realtime_tables;
DROP TABLE IF EXISTS romashka.realtime_changes;
