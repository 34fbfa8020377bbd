-- Purpose: columns of types that pg_upgrade refuses.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('column %I.%I.%I', n.nspname, c.relname, a.attname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'its type stops an upgrade of PostgreSQL' AS fault,
       t.typname::text AS evidence,
       format('ALTER TABLE %I.%I ALTER COLUMN %I TYPE text;', n.nspname, c.relname, a.attname) AS remedy
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::regnamespace
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND a.attnum > 0 AND NOT a.attisdropped
  AND t.typname IN ('regcollation', 'regconfig', 'regdictionary', 'regnamespace', 'regoper', 'regoperator', 'regproc', 'regprocedure')
