-- Prepares a session for migrations, or a transaction for looking at them: no
-- time limits of the role's, and the text of definitions as the reference has it,
-- whatever the role and the database have set.
-- A migrator that was killed lets go of its locks: the server looks after its
-- client every 2 s, where it would not do so at all (client_connection_check_interval, since 14).
-- Parameter: boolean, until the end of the transaction only.
-- Run by: the owner of the project's tables.
SELECT pg_catalog.set_config(s.name, wanted.value, $1)
FROM (VALUES
  ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
  ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('search_path', ''),
  ('IntervalStyle', 'postgres'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('quote_all_identifiers', 'off'),
  ('client_connection_check_interval', '2000')) AS wanted (name, value)
JOIN pg_catalog.pg_settings AS s USING (name)
WHERE wanted.name <> 'client_connection_check_interval' OR s.setting = '0'
