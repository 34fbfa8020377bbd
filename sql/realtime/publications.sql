-- Purpose: which publications there are, and whether this login may replicate.
-- Parameters: 1 names of publications.
-- Columns: names that exist; whether changes can be decoded.
-- Run by: the role that follows changes.
SELECT COALESCE((SELECT pg_catalog.array_agg(p.pubname::text ORDER BY p.pubname)
                 FROM pg_catalog.pg_publication AS p WHERE p.pubname = ANY ($1::text[])), '{}'),
       pg_catalog.current_setting('wal_level') = 'logical'
         AND pg_catalog.current_setting('max_wal_senders')::int > 0
         AND EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user AND (r.rolreplication OR r.rolsuper))
