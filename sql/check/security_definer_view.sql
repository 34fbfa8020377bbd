-- Purpose: views of the API that read with their owner's rights, past row level
-- security.
-- Parameters: @schemas, @api_roles. Read only.
SELECT CASE WHEN bool_or(has_any_column_privilege(role, c.oid, 'SELECT')) THEN 'error' ELSE 'warning' END AS severity,
       format('view %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'reads with its owner''s rights: row level security of its tables does not hold' AS fault,
       format('owner %s, %s', c.relowner::regrole, CASE WHEN bool_or(has_any_column_privilege(role, c.oid, 'SELECT'))
         THEN 'SELECT by ' || string_agg(role, ', ' ORDER BY role) FILTER (WHERE has_any_column_privilege(role, c.oid, 'SELECT'))
         ELSE 'rights other than SELECT by ' || string_agg(role, ', ' ORDER BY role) END) AS evidence,
       CASE WHEN current_setting('server_version_num')::int >= 150000 THEN format('ALTER VIEW %I.%I SET (security_invoker = on);', n.nspname, c.relname)
            ELSE format('REVOKE ALL ON %I.%I FROM anon, authenticated; -- from PostgreSQL 15 on a view can ask with the rights of its reader', n.nspname, c.relname) END AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role ON has_any_column_privilege(role, c.oid, 'SELECT') OR has_table_privilege(role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind = 'v'
  AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o
                  WHERE o.option_name = 'security_invoker' AND lower(COALESCE(o.option_value, 'on')) IN ('on', 'true', 'yes', '1', 't', 'y'))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname, c.relowner
