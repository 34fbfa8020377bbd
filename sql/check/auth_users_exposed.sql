-- Purpose: views of the API over auth.users that row level security does not
-- narrow.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'critical' AS severity,
       format('%s %I.%I', CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'shows rows of auth.users through the API' AS fault,
       format('SELECT by %s', string_agg(DISTINCT role, ', ')) AS evidence,
       format('REVOKE ALL ON %I.%I FROM %s; -- keep what users may see in a table of its own', n.nspname, c.relname,
              string_agg(DISTINCT role, ', ')) AS remedy
FROM pg_catalog.pg_rewrite AS w
JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid = to_regclass('auth.users')
JOIN pg_catalog.pg_class AS users ON users.oid = d.refobjid
JOIN unnest(@api_roles::text[]) AS role ON has_any_column_privilege(role, c.oid, 'SELECT')
WHERE n.nspname = ANY (@schemas::text[])
  AND (c.relkind = 'm' OR NOT users.relrowsecurity OR NOT EXISTS (
    SELECT FROM pg_options_to_table(c.reloptions) AS o
    WHERE o.option_name = 'security_invoker' AND lower(COALESCE(o.option_value, 'on')) IN ('on', 'true', 'yes', '1', 't', 'y')))
GROUP BY n.nspname, c.relname, c.relkind
