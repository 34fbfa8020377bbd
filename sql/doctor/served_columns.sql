-- Purpose: the objects that an API that knows the database describes to a role: relations
-- that the role may use in any way, with all their columns.
-- Parameters: $1 text schema, $2 text role. Columns: relation, columns. Read only.
SELECT c.relname::text AS relation,
       array(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles AS r ON r.rolname = $2::text
WHERE n.nspname = $1::text AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
  AND has_schema_privilege(r.oid, n.oid, 'USAGE')
  AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
       OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE'))
ORDER BY c.relname
