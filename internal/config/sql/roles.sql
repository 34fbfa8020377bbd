-- Purpose:    settings that ALTER ROLE ... SET gave to the roles which the login
--             role may become; SET ROLE alone does not apply them.
-- Parameters: none
-- Columns:    role, setting, value
-- Run by:     the login role, read-only, when settings are loaded
-- Only what the login role may set: the rest would fail each request.
SELECT r.rolname,
       substr(line, 1, strpos(line, '=') - 1) AS name,
       substr(line, strpos(line, '=') + 1) AS value
FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles me ON me.oid = m.member
JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
CROSS JOIN LATERAL unnest(r.rolconfig) AS line
JOIN pg_catalog.pg_settings s ON s.name = substr(line, 1, strpos(line, '=') - 1)
WHERE me.rolname = current_user
  AND (s.context = 'user' OR SETTABLE)
ORDER BY 1, 2
