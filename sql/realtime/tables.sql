-- Purpose: tables whose changes a subscription gets.
-- Parameters: 1 publication, 2 schema, 3 table; "*" = all.
-- Columns: oid, schema, name.
-- Run by: the role that serves.
SELECT c.oid, t.schemaname::text, t.tablename::text
FROM pg_catalog.pg_publication_tables AS t
JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schemaname
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.tablename
WHERE t.pubname = $1::text AND (t.schemaname = $2::text OR $2::text = '*') AND (t.tablename = $3::text OR $3::text = '*')
ORDER BY 2, 3
LIMIT 1000
