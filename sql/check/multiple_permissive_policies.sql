-- Purpose: more than one permissive policy for the same role and command: any of
-- them lets a row through, and all are evaluated.
-- Parameters: @schemas, @api_roles. Read only.
WITH each AS (
  SELECT n.nspname, c.relname, role, command, p.polname
  FROM pg_catalog.pg_policy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN unnest(@api_roles::text[]) AS role
    ON p.polroles = '{0}' OR (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = role) = ANY (p.polroles)
  CROSS JOIN unnest(CASE p.polcmd WHEN 'r' THEN '{SELECT}' WHEN 'a' THEN '{INSERT}' WHEN 'w' THEN '{UPDATE}' WHEN 'd' THEN '{DELETE}'
                    ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[]) AS command
  WHERE n.nspname = ANY (@schemas::text[]) AND p.polpermissive
), doubled AS (
  SELECT nspname, relname, command, role, string_agg(format('%I', polname), ', ' ORDER BY polname) AS names
  FROM each GROUP BY nspname, relname, command, role HAVING count(*) > 1
)
SELECT 'warning' AS severity,
       format('table %I.%I', nspname, relname) AS object,
       format('%s.%s', nspname, relname) AS relation,
       format('several permissive policies for %s: each of them lets rows through, and all are evaluated', command) AS fault,
       format('%s for %s', names, string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('SELECT policyname, cmd, roles, qual, with_check FROM pg_policies WHERE schemaname = %L AND tablename = %L; -- make one policy for %s of them, the conditions joined by OR', nspname, relname, command) AS remedy
FROM doubled
GROUP BY nspname, relname, command, names
