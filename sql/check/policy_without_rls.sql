-- Purpose: policies that nothing enforces.
-- Parameters: @schemas. Read only.
SELECT 'error' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'has policies, but row level security is off: they do nothing' AS fault,
       string_agg(format('%I', p.polname), ', ' ORDER BY p.polname) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY;', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (@schemas::text[]) AND NOT c.relrowsecurity
GROUP BY n.nspname, c.relname
