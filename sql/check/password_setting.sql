-- Purpose: how the server stores the next password of a role.
-- Parameters: none. Read only.
SELECT 'error' AS severity, 'setting password_encryption' AS object, '' AS relation,
       'the next password of a role is stored as MD5' AS fault,
       'password_encryption is ' || setting AS evidence,
       'ALTER SYSTEM SET password_encryption = ''scram-sha-256''; SELECT pg_reload_conf();' AS remedy
FROM pg_catalog.pg_settings WHERE name = 'password_encryption' AND setting <> 'scram-sha-256'
