-- One line of text for each thing that migrations and functions make.
WITH ours AS (
  SELECT oid AS schema, nspname FROM pg_namespace WHERE nspname IN ('public', 'romashka')
)
SELECT format('column %s.%s %s%s default %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attnotnull THEN ' not null' END, pg_get_expr(d.adbin, d.adrelid)) AS line
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ours ON ours.schema = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r' AND c.relname NOT IN ('schema_migrations', 'functions', 'later_indexes', 'repairs', 'repaired_rows')
UNION ALL
SELECT format('constraint %s on %s: %s%s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN ' NOT VALID' END)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN ours ON ours.schema = k.connamespace
WHERE c.relname NOT IN ('schema_migrations', 'functions', 'later_indexes', 'repairs', 'repaired_rows')
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN ours ON ours.schema = c.relnamespace
WHERE c.relname NOT IN ('schema_migrations', 'functions', 'later_indexes', 'repairs', 'repaired_rows')
UNION ALL
SELECT format('policy %s on %s.%s for %s to %s using %s check %s', policyname, schemaname, tablename, cmd, roles, qual, with_check) FROM pg_policies
UNION ALL
SELECT format('row level security on %s', c.oid::regclass) FROM pg_class c JOIN ours ON ours.schema = c.relnamespace WHERE c.relrowsecurity
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN ours ON ours.schema = c.relnamespace WHERE NOT t.tgisinternal
UNION ALL
SELECT format('function %s: %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid))) FROM pg_proc p JOIN ours ON ours.schema = p.pronamespace WHERE p.prokind = 'f'
UNION ALL
SELECT format('grant %s on function %s to %s', g.privilege_type, p.oid::regprocedure, g.grantee::regrole)
FROM pg_proc p JOIN ours ON ours.schema = p.pronamespace, aclexplode(p.proacl) g
UNION ALL
SELECT format('grant %s on %s to %s', string_agg(g.privilege_type, ',' ORDER BY g.privilege_type), c.oid::regclass, g.grantee::regrole)
FROM pg_class c JOIN ours ON ours.schema = c.relnamespace, aclexplode(c.relacl) g
WHERE c.relkind = 'r' AND c.relname NOT IN ('schema_migrations', 'functions', 'later_indexes', 'repairs', 'repaired_rows')
GROUP BY c.oid, g.grantee
UNION ALL
SELECT format('grant %s on %s.%s to %s', g.privilege_type, c.oid::regclass, a.attname, g.grantee::regrole)
FROM pg_class c JOIN ours ON ours.schema = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) g
ORDER BY 1
