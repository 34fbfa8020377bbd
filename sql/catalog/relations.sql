-- Relations of the exposed schemas: tables, views, materialized views, foreign
-- and partitioned tables. Partitions are reached by their parent.
--
-- Parameters: $1 text[]  exposed schemas
-- Columns:    oid, schema, name, description, is_view,
--             events: bits 4 update, 8 insert, 16 delete, as pg_relation_is_updatable
--             primary_key: column names in alphabetical order
-- Run by:     the connection role; needs no privilege.
SELECT
  c.oid,
  n.nspname::text,
  c.relname::text,
  coalesce(d.description, ''),
  c.relkind IN ('v', 'm'),
  CASE
    WHEN c.relkind IN ('r', 'p') THEN 4 | 8 | 16
    WHEN c.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true)
    ELSE 0
  END,
  coalesce(pk.columns, '{}')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d
  ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
LEFT JOIN (
  SELECT k.conrelid, array_agg(a.attname::text ORDER BY a.attname) AS columns
  FROM pg_constraint k
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
  WHERE k.contype = 'p'
  GROUP BY k.conrelid
) pk ON pk.conrelid = c.oid
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND NOT c.relispartition
