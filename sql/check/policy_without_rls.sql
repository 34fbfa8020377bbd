-- Purpose: policies that nothing enforces.
-- Parameters: @internal. Read only.
SELECT 'error' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'has policies, but row level security is off: they do nothing' AS fault,
       string_agg(format('%I', p.polname), ', ' ORDER BY p.polname) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY;', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL (@internal::text[]) AND NOT c.relrowsecurity
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname
