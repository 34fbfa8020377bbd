-- Purpose: which of the tables that the rules look at are there and may be read.
-- Parameters: none.
-- Columns: name, readable.
-- Run by: the login of background work.
SELECT t.name,
       pg_catalog.to_regclass(t.name) IS NOT NULL
       AND pg_catalog.has_table_privilege(pg_catalog.to_regclass(t.name), 'SELECT')
       AND pg_catalog.has_schema_privilege(pg_catalog.split_part(t.name, '.', 1), 'USAGE')
FROM (VALUES ('public.api_security_logs'), ('public.security_sessions'), ('public.two_factor_auth'), ('public.profiles'),
             ('public.system_settings'), ('public.security_incidents'), ('auth.audit_log_entries')) AS t (name)
