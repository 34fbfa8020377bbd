-- Purpose: whether the server archives its log of changes, by which it can be
-- brought back to any moment.
-- Parameters: none. Read only.
SELECT CASE WHEN archiving THEN 'error' ELSE 'warning' END AS severity, 'setting archive_mode' AS object, '' AS relation,
       CASE WHEN NOT archiving THEN 'nothing here shows that there are backups'
            WHEN last_archived_time IS NULL THEN 'archiving is on, and nothing was ever archived'
            ELSE 'archiving fails' END AS fault,
       format('archive_mode is %s, last archived %s, last failure %s', current_setting('archive_mode'), COALESCE(date_trunc('minute', last_archived_time)::text, 'never'),
              COALESCE(date_trunc('minute', last_failed_time)::text, 'never')) AS evidence,
       CASE WHEN archiving THEN 'SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver; -- and look into the server''s log'
            ELSE 'ALTER SYSTEM SET archive_mode = on; -- with archive_command, and a restart; or declare how it is done: INSERT INTO romashka.evidence (kind, text, valid_until, who) VALUES (''backup'', ''...'', current_date + 365, ''...'');' END AS remedy
FROM (SELECT current_setting('archive_mode') <> 'off' AS archiving, * FROM pg_catalog.pg_stat_archiver) AS a
WHERE NOT archiving OR last_archived_time IS NULL OR last_failed_time > last_archived_time
