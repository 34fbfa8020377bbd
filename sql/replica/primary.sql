-- How far the primary has written, and who it is.
--
-- Parameters: none
-- Columns:    system identifier, timeline, database, login role; position that is written to
--             and position up to which all is on disk, in bytes; wal_writer_delay in milliseconds
-- Run by:     the connection role; needs no privilege. A standby refuses it (55000).
SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()),
       ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_flush_lsn()), 8))::bit(32)::bigint,
       pg_catalog.current_database()::text,
       SESSION_USER::text,
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint,
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), '0/0')::bigint,
       (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'wal_writer_delay')
