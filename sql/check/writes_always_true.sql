-- Purpose: policies that let users write whatever they like: always true, or
-- asking no more than that somebody is signed in (severity warning).
-- Parameters: @internal, @api_roles, @anon. Read only.
WITH policy AS (
  SELECT c.oid, n.nspname, c.relname, p.polname, p.polcmd, p.polroles,
         COALESCE(or_true.qual, regexp_replace(lower(pg_get_expr(p.polqual, p.polrelid)), '[\s()]', '', 'g')) AS qual,
         COALESCE(or_true.checked, regexp_replace(lower(pg_get_expr(p.polwithcheck, p.polrelid)), '[\s()]', '', 'g')) AS checked
  FROM pg_catalog.pg_policy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (
    -- "x OR true" is true, whatever x is; where there is an AND, it is not looked into.
    SELECT CASE WHEN lower(pg_get_expr(p.polqual, p.polrelid)) ~ o.form AND pg_get_expr(p.polqual, p.polrelid) !~* '\mand\M' THEN 'true' END AS qual,
           CASE WHEN lower(pg_get_expr(p.polwithcheck, p.polrelid)) ~ o.form AND pg_get_expr(p.polwithcheck, p.polrelid) !~* '\mand\M' THEN 'true' END AS checked
    FROM (VALUES ('\mor\s*\(*(true|1\s*=\s*1)\)*\s*($|\mor\M)|^\(*(true|1\s*=\s*1)\)*\s+or\M')) AS o (form)
  ) AS or_true
  WHERE n.nspname <> ALL (@internal::text[]) AND c.relrowsecurity AND p.polpermissive AND p.polcmd <> 'r'
), open AS (
  -- The missing part: no WITH CHECK means USING, and no USING means true.
  SELECT *, polcmd <> 'a' AND COALESCE(qual, 'true') IN ('true', '1=1') AS any_row,
         COALESCE(checked, qual, 'true') IN ('true', '1=1') AS any_value,
         COALESCE(CASE WHEN polcmd = 'a' THEN checked ELSE qual END, '') IN (
           'auth.role=''authenticated''::text', 'selectauth.roleasrole=''authenticated''::text', 'auth.uidisnotnull', 'selectauth.uidasuidisnotnull') AS signed_in,
         CASE polcmd WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'INSERT, UPDATE, DELETE' END AS commands
  FROM policy
), judged AS (
  SELECT *, any_row OR any_value AND polcmd <> 'd' AS always FROM open
)
SELECT CASE WHEN NOT always THEN 'warning' WHEN bool_or(role = @anon::text) THEN 'critical' ELSE 'error' END AS severity,
       format('table %I.%I', nspname, relname) AS object,
       format('%s.%s', nspname, relname) AS relation,
       format('policy %I lets anybody who %s %s', polname, CASE WHEN always THEN 'has the role' ELSE 'is signed in' END,
              CASE WHEN any_row OR NOT always THEN 'write every row' ELSE 'give a row any values' END) AS fault,
       format('%s by %s', commands, string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('ALTER POLICY %I ON %I.%I%s%s;', polname, nspname, relname,
              CASE WHEN polcmd <> 'a' THEN ' USING (' || condition || ')' END, CASE WHEN polcmd <> 'd' THEN ' WITH CHECK (' || condition || ')' END) AS remedy
FROM judged
JOIN unnest(@api_roles::text[]) AS role
  ON (polroles = '{0}' OR EXISTS (SELECT FROM unnest(polroles) AS r WHERE r <> 0 AND pg_has_role(role, r, 'USAGE')))
CROSS JOIN LATERAL (
  -- The owner of the row, if a column names one; else the one whose work it is.
  SELECT COALESCE((SELECT format('%I = (SELECT auth.uid())', a.attname) FROM pg_catalog.pg_attribute AS a
                   JOIN unnest('{user_id,owner_id,owner,profile_id,created_by,author_id,agent_id}'::text[]) WITH ORDINALITY AS w (name, place) ON w.name = a.attname
                   WHERE a.attrelid = judged.oid AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped ORDER BY w.place LIMIT 1),
                  'EXISTS (SELECT FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role IN (''admin'', ''agent''))') AS condition
) AS whose
WHERE always OR signed_in AND role <> @anon::text
GROUP BY nspname, relname, polname, polcmd, commands, always, any_row, condition
