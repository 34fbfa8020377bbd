-- Purpose: all that migrations can make, one row each, with a definition that
-- is the same for the same thing on every server; functions are in functions.sql.
-- Rights are those of the roles that the API uses; others are the admin's own
-- affair, and so are owners. A partitioned API log is what it is as one table: its
-- partitions, their key and the trigger that they need are left out.
-- Columns: kind, relation ("" for functions), name, definition text.
-- Run by: internal/database/migrator, read only, with search_path ''.
WITH relation AS (
  SELECT c.oid, c.relkind, c.relkind = 'p' AND c.oid = pg_catalog.to_regclass('public.api_security_logs') AS log, c.relacl, c.relrowsecurity, c.relforcerowsecurity, format('%s.%s', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'romashka') AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT (c.relispartition AND c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass('public.api_security_logs')) AS t))
), function AS (
  SELECT p.oid, p.oid::regprocedure::text AS signature, coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) AS acl
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f'
), api_role (oid, name) AS (
  SELECT 0::oid, 'PUBLIC'
  UNION ALL SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role')
)
SELECT 'table' AS kind, r.name AS relation, '' AS name,
       pg_catalog.concat_ws(', ', CASE WHEN r.log THEN 'table' ELSE CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' ELSE 'materialized view' END END,
         CASE WHEN r.relrowsecurity THEN 'row level security' END, CASE WHEN r.relforcerowsecurity THEN 'forced' END) AS definition
FROM relation AS r
UNION ALL
SELECT 'column', r.name, a.attname,
       pg_catalog.concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull AND NOT (r.log AND a.attname = 'timestamp') THEN 'not null' END,
         CASE WHEN a.attgenerated <> '' THEN 'generated' WHEN d.adbin IS NOT NULL THEN 'default' END, pg_catalog.pg_get_expr(d.adbin, d.adrelid))
FROM relation AS r
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT 'constraint', r.name, k.conname, CASE WHEN r.log AND k.contype = 'p' THEN 'PRIMARY KEY (id)' ELSE pg_catalog.pg_get_constraintdef(k.oid) END
FROM relation AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT 'index', r.name, i.relname, pg_catalog.concat_ws(' ', replace(pg_catalog.pg_get_indexdef(x.indexrelid), CASE WHEN r.log THEN ' ON ONLY ' ELSE '' END, ' ON '), CASE WHEN NOT x.indisvalid THEN 'INVALID' END)
FROM relation AS r
JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = x.indexrelid AND k.conrelid = r.oid)
UNION ALL
SELECT 'policy', r.name, p.polname,
       pg_catalog.concat_ws(' ', CASE WHEN NOT p.polpermissive THEN 'AS RESTRICTIVE' END,
         'FOR', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
         'TO', (SELECT string_agg(coalesce(a.rolname, 'public'), ', ' ORDER BY a.rolname)
                FROM unnest(p.polroles) AS o (oid) LEFT JOIN pg_catalog.pg_roles AS a ON a.oid = o.oid),
         'USING ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'WITH CHECK ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
UNION ALL
SELECT 'trigger', r.name, t.tgname, pg_catalog.concat_ws(' ', pg_catalog.pg_get_triggerdef(t.oid), CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'FOR REPLICAS ONLY' END)
FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal AND t.tgname <> 'romashka_realtime' -- it comes and goes
  AND NOT (r.log AND t.tgname = 'romashka_place')
UNION ALL
-- MAINTAIN came with PostgreSQL 17; ALL includes it there.
SELECT 'grant', r.name, o.name, string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type)
FROM relation AS r, pg_catalog.aclexplode(r.relacl) AS g JOIN api_role AS o ON o.oid = g.grantee
WHERE g.privilege_type <> 'MAINTAIN'
GROUP BY r.name, o.name
UNION ALL
SELECT 'column grant', r.name, o.name, string_agg(format('%s (%s)', g.privilege_type, a.attname), ', ' ORDER BY g.privilege_type, a.attname)
FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND NOT a.attisdropped,
     pg_catalog.aclexplode(a.attacl) AS g JOIN api_role AS o ON o.oid = g.grantee
GROUP BY r.name, o.name
UNION ALL
SELECT 'function grant', f.signature, o.name, 'EXECUTE'
FROM function AS f
CROSS JOIN LATERAL pg_catalog.aclexplode(f.acl) AS g JOIN api_role AS o ON o.oid = g.grantee
ORDER BY 1, 2, 3
