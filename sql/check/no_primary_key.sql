-- Purpose: tables without a primary key: rows cannot be distinguished, PUT and
-- replication do not work.
-- Parameters: @schemas. Read only.
SELECT 'info' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'has no primary key' AS fault,
       format('about %s rows', greatest(c.reltuples, 0)::bigint) AS evidence,
       format('ALTER TABLE %I.%I ADD PRIMARY KEY (...);', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
