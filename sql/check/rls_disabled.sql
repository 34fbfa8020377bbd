-- Purpose: tables of the API without row level security that API roles have
-- rights on, be it on one column or the rest of default privileges (TRUNCATE).
-- Parameters: @schemas, @api_roles, @anon. Read only.
SELECT CASE WHEN bool_or(g.privilege <> 'SELECT' AND g.rows) OR bool_or(g.role = @anon::text AND g.rows) THEN 'critical' ELSE 'error' END AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'row level security is off: grants alone decide who reads and writes every row' AS fault,
       string_agg(format('%s: %s', g.role, g.privilege), ', ' ORDER BY g.role, g.privilege) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY; -- and a policy for each thing that users may do', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT role, privilege, privilege IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') AS rows
  FROM unnest(@api_roles::text[]) AS role, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS privilege
  WHERE has_schema_privilege(role, n.oid, 'USAGE') AND CASE WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE') THEN has_any_column_privilege(role, c.oid, privilege) ELSE has_table_privilege(role, c.oid, privilege) END
) AS g
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
GROUP BY n.nspname, c.relname
