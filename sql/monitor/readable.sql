-- Purpose: which of the tables that the rules look at are there and may be read. One
--   of which policies hide rows may not: nothing found there would mean nothing.
-- Parameters: none.
-- Columns: name, readable.
-- Run by: the login of background work.
SELECT t.schema || '.' || t.name,
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                AND NOT pg_catalog.row_security_active(c.oid), false)
FROM (VALUES ('public', 'api_security_logs'), ('public', 'security_sessions'), ('public', 'two_factor_auth'), ('public', 'profiles'),
             ('public', 'system_settings'), ('public', 'security_incidents'), ('auth', 'audit_log_entries'), ('romashka', 'factor_events')) AS t (schema, name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
