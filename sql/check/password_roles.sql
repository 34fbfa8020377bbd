-- Purpose: roles whose password is kept in a form that can be guessed at speed.
-- Parameters: none. Read only. The stored form is looked at, never returned.
SELECT 'error' AS severity, format('role %I', rolname) AS object, '' AS relation,
       'its password is stored as MD5' AS fault,
       CASE WHEN rolcanlogin THEN 'it may log in' ELSE 'it may not log in' END AS evidence,
       format('SET password_encryption = ''scram-sha-256''; \password %I', rolname) AS remedy
FROM pg_catalog.pg_authid
WHERE rolpassword IS NOT NULL AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'
