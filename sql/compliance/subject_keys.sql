-- Purpose: all foreign keys, composite ones, those to a table itself and those
-- between schemas included; of partitioned tables the parent's.
-- Parameters: none. Read only.
-- Columns: name, child, parent ("schema.relation"), columns, refers (columns of the
-- parent, in the same order), rule (a, r, c, n, d: the fate of the child's row).
SELECT x.conname::text AS name, cn.nspname || '.' || c.relname AS child, pn.nspname || '.' || p.relname AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(x.conkey) WITH ORDINALITY AS k (attnum, place)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.conrelid AND a.attnum = k.attnum ORDER BY k.place) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(x.confkey) WITH ORDINALITY AS k (attnum, place)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.confrelid AND a.attnum = k.attnum ORDER BY k.place) AS refers,
       x.confdeltype::text AS rule
FROM pg_catalog.pg_constraint AS x
JOIN pg_catalog.pg_class AS c ON c.oid = x.conrelid
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = x.confrelid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
WHERE x.contype = 'f' AND x.conparentid = 0 AND NOT c.relispartition AND NOT p.relispartition
ORDER BY 2, 1
