-- Purpose: each table of the database in which rows about a person may stand,
-- the Auth service's and the sidecar's own included, with its columns.
-- Parameters: none. Read only.
-- Columns: schema, relation, kind (r, p, m, f), readable (the login may select),
-- key (columns of the primary key, or of a unique key without NULL; '{}' = none),
-- columns (json array of name, type, base (the type under domains), nullable, writable).
SELECT n.nspname::text AS schema, c.relname::text AS relation, c.relkind::text AS kind,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
       COALESCE((
         SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum ORDER BY k.place)
         FROM pg_catalog.pg_index AS i
         WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = i.indnatts
           AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) AS k JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k WHERE NOT a.attnotnull)
         ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1), '{}') AS key,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', base.name,
                 'nullable', NOT a.attnotnull AND NOT t.typnotnull, 'writable', a.attgenerated = '' AND a.attidentity <> 'a') ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        CROSS JOIN LATERAL (
          WITH RECURSIVE under (oid, kind, base) AS (
            SELECT t.oid, t.typtype, t.typbasetype
            UNION ALL SELECT b.oid, b.typtype, b.typbasetype FROM under JOIN pg_catalog.pg_type AS b ON under.kind = 'd' AND b.oid = under.base)
          SELECT b.typname::text AS name FROM under JOIN pg_catalog.pg_type AS b ON b.oid = under.oid WHERE under.kind <> 'd') AS base
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition AND c.relnatts > 0
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'supabase_migrations') AND n.nspname !~ '^pg_(temp|toast)'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
ORDER BY n.nspname, c.relname
