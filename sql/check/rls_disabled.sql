-- Purpose: tables of the API without row level security that API roles have
-- rights on.
-- Parameters: @schemas, @api_roles. Read only.
SELECT CASE WHEN bool_or(g.privilege <> 'SELECT') OR bool_or(g.role = 'anon') THEN 'critical' ELSE 'error' END AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'row level security is off: grants alone decide who reads and writes every row' AS fault,
       string_agg(format('%s: %s', g.role, g.privilege), ', ' ORDER BY g.role, g.privilege) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY; -- and a policy for each thing that users may do', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT role, privilege
  FROM unnest(@api_roles::text[]) AS role, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
  WHERE has_schema_privilege(role, n.oid, 'USAGE') AND has_table_privilege(role, c.oid, privilege)
) AS g
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
GROUP BY n.nspname, c.relname
