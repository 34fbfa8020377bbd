-- Purpose: settings by which the values that clients send come into the server's log.
-- Parameters: none. Read only.
SELECT 'warning' AS severity, 'setting ' || name AS object, '' AS relation,
       'the server''s log holds the values that clients send, personal data among them' AS fault,
       format('%s is %s', name, setting) AS evidence,
       format('ALTER SYSTEM SET %s = %L; SELECT pg_reload_conf();', name, CASE name WHEN 'log_statement' THEN 'ddl' ELSE 'off' END) AS remedy
FROM pg_catalog.pg_settings
WHERE name = 'log_statement' AND setting IN ('all', 'mod') OR name = 'pgaudit.log_parameter' AND setting = 'on'
