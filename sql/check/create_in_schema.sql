-- Purpose: API roles that may create objects in a served schema, or in public.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'error' AS severity, format('schema %I', n.nspname) AS object, n.nspname::text AS relation,
       'API roles may create tables and functions in it' AS fault,
       'CREATE by ' || string_agg(role, ', ' ORDER BY role) AS evidence,
       format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %s;', n.nspname, string_agg(role, ', ' ORDER BY role)) AS remedy
FROM pg_catalog.pg_namespace AS n
JOIN unnest(@api_roles::text[]) AS role ON has_schema_privilege(role, n.oid, 'CREATE')
WHERE n.nspname = ANY (@schemas::text[] || 'public'::text)
GROUP BY n.nspname
