-- Purpose: pgmq queues that the API serves without row level security.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'critical' AS severity,
       format('queue %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'the queue''s messages are open to API roles' AS fault,
       format('SELECT by %s', string_agg(role, ', ' ORDER BY role)) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY;', n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role ON has_table_privilege(role, c.oid, 'SELECT')
WHERE n.nspname = 'pgmq' AND c.relkind IN ('r', 'p') AND c.relname LIKE 'q\_%' AND NOT c.relrowsecurity
  AND 'pgmq_public' = ANY (@schemas::text[])
GROUP BY n.nspname, c.relname
