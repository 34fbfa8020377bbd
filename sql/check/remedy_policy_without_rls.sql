-- Purpose: turns row level security on where policies stand that nothing enforces.
-- Parameters: @internal. Read only: it gives statements and carries none out.
-- Columns: object, statement, undo.
SELECT DISTINCT format('table %I.%I', n.nspname, c.relname) AS object,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', n.nspname, c.relname) AS statement,
       format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY', n.nspname, c.relname) AS undo
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL (@internal::text[]) AND NOT c.relrowsecurity AND pg_has_role(c.relowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
