-- How far a standby has replayed, and of whom it is a copy.
--
-- Parameters: none
-- Columns:    system identifier, newest timeline that is known to have been replayed, database,
--             login role; whether it is in recovery, position up to which all is replayed, in bytes
-- Run by:     the connection role; needs no privilege.
SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()),
       (SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)::bigint
        FROM pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_control_recovery() r),
       pg_catalog.current_database()::text,
       SESSION_USER::text,
       pg_catalog.pg_is_in_recovery(),
       coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')::bigint, 0)
