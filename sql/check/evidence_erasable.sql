-- Purpose: records that should outlive those they are about, which API roles may
-- delete.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'error' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'a trail of evidence can be erased through the API' AS fault,
       format('DELETE by %s, policy %I USING (%s)', string_agg(DISTINCT role, ', '), p.polname, pg_get_expr(p.polqual, p.polrelid)) AS evidence,
       format('REVOKE DELETE ON %I.%I FROM %s; -- and a policy for each other command in place of FOR ALL', n.nspname, c.relname,
              string_agg(DISTINCT role, ', ')) AS remedy
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role
  ON (p.polroles = '{0}' OR (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = role) = ANY (p.polroles))
  AND has_table_privilege(role, c.oid, 'DELETE')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relrowsecurity AND p.polpermissive AND p.polcmd IN ('d', '*')
  AND c.relname ~ '(_logs?$|audit|incident|security_sessions|compliance_results)'
GROUP BY n.nspname, c.relname, p.polname, p.polqual, p.polrelid
