-- Purpose: which publications there are, and whether this login may replicate.
-- Parameters: 1 names of publications.
-- Columns: names that exist; what keeps changes from being decoded, NULL = nothing.
-- Run by: the role that follows changes.
SELECT COALESCE((SELECT pg_catalog.array_agg(p.pubname::text ORDER BY p.pubname)
                 FROM pg_catalog.pg_publication AS p WHERE p.pubname = ANY ($1::text[])), '{}'),
       CASE WHEN pg_catalog.current_setting('wal_level') <> 'logical' THEN 'wal_level is ' || pg_catalog.current_setting('wal_level') || ', not logical'
            WHEN pg_catalog.current_setting('max_wal_senders')::int = 0 THEN 'max_wal_senders is 0'
            WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user AND (r.rolreplication OR r.rolsuper))
            THEN 'role ' || pg_catalog.quote_ident(current_user) || ' has no REPLICATION' END
