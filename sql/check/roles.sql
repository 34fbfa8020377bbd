-- Purpose: API roles that may do more than an API role should.
-- Parameters: @api_roles. Read only.
SELECT 'critical' AS severity, format('role %I', r.rolname) AS object, r.rolname::text AS relation,
       'an API role has rights of an administrator' AS fault,
       concat_ws(', ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
                 CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                 CASE WHEN r.rolreplication THEN 'REPLICATION' END) AS evidence,
       format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;', r.rolname) AS remedy
FROM pg_catalog.pg_roles AS r
WHERE r.rolname = ANY (@api_roles::name[]) AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
