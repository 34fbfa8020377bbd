-- Purpose: the server's settings for its log of connections and of changes of
-- the schema.
-- Parameters: none. Read only.
SELECT w.severity, 'setting ' || s.name AS object, '' AS relation, w.fault,
       format('%s is %s', s.name, COALESCE(NULLIF(s.setting, ''), 'empty')) AS evidence,
       format('ALTER SYSTEM SET %I = %L; SELECT pg_reload_conf();', s.name, w.want) AS remedy
FROM (VALUES
  ('log_connections',    'error',   'on',  'who connects is not logged'),
  ('log_disconnections', 'warning', 'on',  'how long connections last is not logged'),
  ('log_statement',      'error',   'ddl', 'changes of the schema are not logged, and pgaudit is not there either')
) AS w (name, severity, want, fault)
JOIN pg_catalog.pg_settings AS s ON s.name = w.name AND s.setting IN ('off', 'none', '')
WHERE w.name <> 'log_statement' OR NOT EXISTS (
  SELECT FROM pg_catalog.pg_settings AS a WHERE a.name = 'pgaudit.log' AND a.setting NOT IN ('none', ''))
