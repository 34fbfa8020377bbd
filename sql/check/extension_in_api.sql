-- Purpose: extensions whose functions are part of the API.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('extension %I', e.extname) AS object,
       format('%s.%s', n.nspname, e.extname) AS relation,
       format('is installed in %I: its functions are callable through the API', n.nspname) AS fault,
       'version ' || e.extversion AS evidence,
       format('CREATE SCHEMA IF NOT EXISTS extensions; ALTER EXTENSION %I SET SCHEMA extensions;', e.extname) AS remedy
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE (n.nspname = ANY (@schemas::text[]) OR n.nspname = 'public') AND e.extname <> 'plpgsql'
