-- ALTER ROLE ... SET of the roles that requests may become, as far as the
-- connection role may set the parameter itself. PostgreSQL 15 and newer.
-- client_encoding is the connection's affair: answers are UTF-8.
--
-- Columns: role, parameter, value
-- Order:   by role and parameter
-- Run by:  the connection role, whose memberships decide.
SELECT r.rolname::text, ps.name, substr(s.setting, strpos(s.setting, '=') + 1)
FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.roleid
JOIN pg_roles me ON me.oid = m.member AND me.rolname = current_user
CROSS JOIN unnest(r.rolconfig) AS s (setting)
JOIN pg_settings ps ON ps.name = split_part(s.setting, '=', 1)
WHERE ps.name <> 'client_encoding' AND (ps.context = 'user' OR has_parameter_privilege(me.oid, ps.name, 'set'))
ORDER BY 1, 2
