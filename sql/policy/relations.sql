-- Purpose: all that decides about rows, and all that a row needs to exist: one
-- row for each relation outside the system's schemas, as one JSON object.
-- Parameters: $1 served schemas, $2 database roles of the matrix. Read only.
-- Run with an empty search_path, so that expressions name their schemas.
SELECT jsonb_build_object(
  'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'served', n.nspname = ANY ($1::text[]),
  'row_security', c.relrowsecurity, 'forced', c.relforcerowsecurity, 'owner', c.relowner::regrole::text,
  'invoker', EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o
                     WHERE o.option_name = 'security_invoker' AND lower(COALESCE(o.option_value, 'on')) IN ('on', 'true', 'yes', '1')),
  'columns', (
    SELECT jsonb_agg(jsonb_build_object(
             'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), NULL),
             'category', t.typcategory, 'length', CASE WHEN a.atttypmod > 4 AND t.typcategory = 'S' THEN a.atttypmod - 4 ELSE 0 END,
             'required', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', 'nullable', NOT a.attnotnull,
             'generated', a.attgenerated <> '' OR a.attidentity = 'a',
             'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid))
           ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'unique', (
    SELECT jsonb_agg(DISTINCT a.attname) FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND i.indisunique),
  'key', (
    SELECT jsonb_agg(a.attname ORDER BY x.place) FROM pg_catalog.pg_index AS i
    CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS x (attnum, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = x.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary),
  'references', (
    SELECT jsonb_agg(jsonb_build_object('column', a.attname, 'schema', tn.nspname, 'table', tc.relname, 'target', ta.attname))
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS tc ON tc.oid = k.confrelid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    JOIN pg_catalog.pg_attribute AS ta ON ta.attrelid = k.confrelid AND ta.attnum = k.confkey[1]
    WHERE k.conrelid = c.oid AND k.contype = 'f' AND cardinality(k.conkey) = 1),
  'checks', (
    SELECT jsonb_agg(pg_get_constraintdef(k.oid)) FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c'),
  'policies', (
    SELECT jsonb_agg(jsonb_build_object(
             'name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
             'roles', ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE r::regrole::text END FROM unnest(p.polroles) AS r),
             'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname)
    FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid),
  'rights', (
    SELECT jsonb_object_agg(role, jsonb_build_object(
             'bypass', r.rolbypassrls OR r.rolsuper OR (pg_has_role(r.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity),
             'delete', has_schema_privilege(role, n.oid, 'USAGE') AND has_table_privilege(role, c.oid, 'DELETE'),
             'select', columns.selects, 'insert', columns.inserts, 'update', columns.updates))
    FROM unnest($2::text[]) AS role
    JOIN pg_catalog.pg_roles AS r ON r.rolname = role
    CROSS JOIN LATERAL (
      SELECT COALESCE(jsonb_agg(a.attname ORDER BY a.attnum) FILTER (WHERE has_column_privilege(role, c.oid, a.attnum, 'SELECT')), '[]') AS selects,
             COALESCE(jsonb_agg(a.attname ORDER BY a.attnum) FILTER (WHERE has_column_privilege(role, c.oid, a.attnum, 'INSERT')), '[]') AS inserts,
             COALESCE(jsonb_agg(a.attname ORDER BY a.attnum) FILTER (WHERE has_column_privilege(role, c.oid, a.attnum, 'UPDATE')), '[]') AS updates
      FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_schema_privilege(role, n.oid, 'USAGE')
    ) AS columns)
) AS relation
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
