-- Purpose: the write-ahead log cannot be read for Realtime, so that triggers are to
-- note changes: that it is so, and the tables that can have no trigger. It is about
-- installations whose Realtime the sidecar serves; Supabase's project has what it needs.
-- Parameters: none. Read only.
-- Needs: romashka.realtime_changes
WITH way AS (
  SELECT p.proowner AS owner, pg_catalog.pg_get_userbyid(p.proowner)::text AS login,
         CASE WHEN pg_catalog.current_setting('wal_level') <> 'logical' THEN 'wal_level is ' || pg_catalog.current_setting('wal_level')
              WHEN pg_catalog.current_setting('max_wal_senders')::int = 0 THEN 'max_wal_senders is 0'
              WHEN NOT (r.rolreplication OR r.rolsuper) THEN format('role %I has no REPLICATION', r.rolname) END AS lacks
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner
  WHERE p.oid = to_regprocedure('romashka.watch_table(oid)')
)
SELECT 'info' AS severity, 'Realtime' AS object, '' AS relation,
       'changes of tables are noted by triggers, where the sidecar serves Realtime: each costs its writer a row' AS fault,
       w.lacks AS evidence,
       format('ALTER ROLE %I REPLICATION; -- and wal_level = logical, max_wal_senders above 0 in the server''s settings. To leave it so does no harm', w.login) AS remedy
FROM way AS w WHERE w.lacks IS NOT NULL
UNION ALL
SELECT 'warning', format('table %I.%I', t.schemaname, t.tablename), format('%I.%I', t.schemaname, t.tablename),
       CASE WHEN i.indrelid IS NULL THEN 'has no primary key: where the sidecar serves Realtime, nobody is told of its changes'
            ELSE 'can have no trigger: where the sidecar serves Realtime, nobody is told of its changes' END,
       format('%s; it belongs to %I', w.lacks, pg_catalog.pg_get_userbyid(c.relowner)),
       CASE WHEN i.indrelid IS NULL THEN format('ALTER PUBLICATION %I DROP TABLE %I.%I; -- or give it a primary key', t.pubname, t.schemaname, t.tablename)
            ELSE format('GRANT %I TO %I;', pg_catalog.pg_get_userbyid(c.relowner), w.login) END
FROM way AS w
CROSS JOIN pg_catalog.pg_publication_tables AS t
JOIN pg_catalog.pg_class AS c ON c.relname = t.tablename AND c.relnamespace = to_regnamespace(quote_ident(t.schemaname))
LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
WHERE w.lacks IS NOT NULL AND t.pubname IN ('supabase_realtime', 'supabase_realtime_messages_publication')
  AND (i.indrelid IS NULL OR NOT pg_catalog.pg_has_role(w.owner, c.relowner, 'USAGE'))
