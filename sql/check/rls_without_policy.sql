-- Purpose: tables that are granted to API roles although row level security,
-- without a policy, shows them no row.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'info' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'row level security is on and no policy exists: the API shows and takes no row' AS fault,
       'granted to ' || string_agg(role, ', ' ORDER BY role) AS evidence,
       format('REVOKE ALL ON %I.%I FROM %s; -- or a policy for each thing that users may do',
              n.nspname, c.relname, string_agg(role, ', ' ORDER BY role)) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role
  ON has_any_column_privilege(role, c.oid, 'SELECT,INSERT,UPDATE') OR has_table_privilege(role, c.oid, 'DELETE')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p') AND c.relrowsecurity
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid)
GROUP BY n.nspname, c.relname
