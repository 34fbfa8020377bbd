-- Purpose: tables that pg_graphql describes to API roles.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'warning' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'pg_graphql shows the table and its columns' AS fault,
       format('SELECT by %s', string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('REVOKE SELECT ON %I.%I FROM %s; -- or DROP EXTENSION pg_graphql;', n.nspname, c.relname, string_agg(role, ', ' ORDER BY role)) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role ON has_any_column_privilege(role, c.oid, 'SELECT') AND has_schema_privilege(role, n.oid, 'USAGE')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_graphql')
GROUP BY n.nspname, c.relname
