-- Purpose: extensions older than those that the server brings.
-- Parameters: none. Read only.
SELECT 'info' AS severity,
       format('extension %I', x.name) AS object, x.name::text AS relation,
       'an update is installed on the server and not in the database' AS fault,
       format('%s, server brings %s', x.installed_version, x.default_version) AS evidence,
       format('ALTER EXTENSION %I UPDATE;', x.name) AS remedy
FROM pg_catalog.pg_available_extensions AS x
WHERE x.installed_version <> x.default_version
  AND EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions AS v WHERE v.name = x.name AND v.version = x.installed_version)
