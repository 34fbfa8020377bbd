-- Purpose: policies that let users write whatever they like: always true, or
-- asking no more than that somebody is signed in.
-- Parameters: @schemas, @api_roles. Read only.
WITH policy AS (
  SELECT n.nspname, c.relname, c.oid, p.polname, p.polcmd, p.polroles,
         regexp_replace(lower(COALESCE(pg_get_expr(p.polqual, p.polrelid), 'true')), '[\s()]', '', 'g') AS qual,
         regexp_replace(lower(COALESCE(pg_get_expr(p.polwithcheck, p.polrelid), pg_get_expr(p.polqual, p.polrelid), 'true')), '[\s()]', '', 'g') AS checked
  FROM pg_catalog.pg_policy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (@schemas::text[]) AND c.relrowsecurity AND p.polpermissive AND p.polcmd <> 'r'
), open AS (
  SELECT *, CASE WHEN polcmd = 'a' THEN checked ELSE qual END AS decides,
         CASE polcmd WHEN 'a' THEN '{INSERT}' WHEN 'w' THEN '{UPDATE}' WHEN 'd' THEN '{DELETE}' ELSE '{INSERT,UPDATE,DELETE}' END::text[] AS commands
  FROM policy
)
SELECT CASE WHEN bool_or(role = 'anon' AND decides IN ('true', '1=1')) THEN 'critical' ELSE 'warning' END AS severity,
       format('table %I.%I', nspname, relname) AS object,
       format('%s.%s', nspname, relname) AS relation,
       format('policy %I lets anybody who %s write every row', polname,
              CASE WHEN decides IN ('true', '1=1') THEN 'has the role' ELSE 'is signed in' END) AS fault,
       format('%s by %s', array_to_string(commands, ', '), string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('ALTER POLICY %I ON %I.%I USING (...) WITH CHECK (...); -- whose rows?', polname, nspname, relname) AS remedy
FROM open
JOIN unnest(@api_roles::text[]) AS role
  ON (polroles = '{0}' OR (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = role) = ANY (polroles))
  AND EXISTS (SELECT FROM unnest(commands) AS command WHERE has_table_privilege(role, open.oid, command))
WHERE decides IN ('true', '1=1')
   OR (role <> 'anon' AND decides IN ('auth.role=''authenticated''::text', 'selectauth.roleasrole=''authenticated''::text',
                                      'auth.uidisnotnull', 'selectauth.uidasuidisnotnull'))
GROUP BY nspname, relname, open.oid, polname, decides, commands
