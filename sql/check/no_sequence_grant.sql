-- Purpose: tables into which a role of the API may insert, while the sequence of
-- a column's default (serial) is closed to it: each row that names no value is
-- refused. Supabase grants neither USAGE nor SELECT on a new sequence since
-- 2026-05-30. An identity column asks for no grant.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       format('no row can be inserted without a value for %s: its sequence has no grant', string_agg(DISTINCT quote_ident(a.attname), ', ')) AS fault,
       format('INSERT by %s, default %s', string_agg(DISTINCT role.rolname, ', '), string_agg(DISTINCT pg_get_expr(d.adbin, d.adrelid), ', ')) AS evidence,
       string_agg(DISTINCT format('GRANT USAGE ON SEQUENCE %s TO %I;', s.oid::regclass, role.rolname), ' ') AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
JOIN pg_catalog.pg_depend AS p ON p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_class AS s ON s.oid = p.refobjid AND s.relkind = 'S'
JOIN pg_catalog.pg_roles AS role ON role.rolname IN ('anon', 'authenticated', 'service_role')
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p')
  AND has_any_column_privilege(role.oid, c.oid, 'INSERT')
  AND NOT has_sequence_privilege(role.oid, s.oid, 'USAGE, UPDATE')
  AND (NOT c.relrowsecurity OR role.rolbypassrls
       OR EXISTS (SELECT FROM pg_catalog.pg_policy AS o
                  WHERE o.polrelid = c.oid AND o.polpermissive AND o.polcmd IN ('a', '*') AND (0::oid = ANY (o.polroles) OR role.oid = ANY (o.polroles))))
GROUP BY n.nspname, c.relname
