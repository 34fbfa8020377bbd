-- Purpose: the EXECUTE grants on a function to roles that no function file
-- speaks of, so that they outlive a change of its signature.
-- Parameters: $1 text, the function's signature.
-- Columns: role text, the name; with_option boolean.
-- Run by: internal/database/migrator.
SELECT r.rolname::text AS role, bool_or(g.is_grantable) AS with_option
FROM pg_catalog.pg_proc AS p
CROSS JOIN LATERAL aclexplode(p.proacl) AS g
JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
WHERE p.oid = to_regprocedure($1)
  AND g.privilege_type = 'EXECUTE'
  AND g.grantee <> p.proowner
  AND r.rolname NOT IN ('anon', 'authenticated', 'service_role')
GROUP BY r.rolname
ORDER BY r.rolname
