-- Purpose: materialized views of the API: row level security cannot narrow them.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'warning' AS severity,
       format('%s %I.%I', 'materialized view', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'every row is readable through the API: row level security cannot hold here' AS fault,
       format('SELECT by %s', string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('REVOKE SELECT ON %I.%I FROM PUBLIC, %s;', n.nspname, c.relname, string_agg(role, ', ' ORDER BY role)) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role ON has_any_column_privilege(role, c.oid, 'SELECT')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind = 'm'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname, c.relkind
