-- Purpose: sign-ins of which the Auth service's own trail has no entry.
-- Parameters: none. Read only.
-- Needs: auth.users, auth.audit_log_entries
WITH newest AS (
  SELECT (SELECT max(created_at) FROM auth.audit_log_entries) AS entry, (SELECT max(last_sign_in_at) FROM auth.users) AS sign_in
)
SELECT CASE WHEN entry IS NULL THEN 'warning' ELSE 'error' END AS severity, 'table auth.audit_log_entries' AS object, 'auth.audit_log_entries' AS relation,
       'sign-ins leave no entry in the Auth service''s trail' AS fault,
       format('newest entry %s, newest sign-in %s', COALESCE(date_trunc('minute', entry)::text, 'none'), date_trunc('minute', sign_in)) AS evidence,
       'turn on "Write audit logs to the database" in the project''s Auth settings; SELECT max(created_at) FROM auth.audit_log_entries;' AS remedy
FROM newest
WHERE sign_in > COALESCE(entry, '-infinity') + interval '1 hour'
