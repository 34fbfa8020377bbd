-- Purpose: bounds the statements of this transaction, whatever the role's own limit
--   is, and has the server notice within seconds that its client is gone. Servers
--   before 14, and on systems other than Linux, may not have that setting.
-- Parameters: $1 milliseconds, 0 for no limit.
-- Run by: the role of romashka-db-background-uri.
SELECT set_config('statement_timeout', $1::bigint::text, true),
       (SELECT set_config(s.name, '2s', true) FROM pg_settings AS s WHERE s.name = 'client_connection_check_interval' AND version() ~ 'linux')
