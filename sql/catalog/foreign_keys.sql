-- Foreign keys of all schemas: views in exposed schemas may show tables of any.
-- Keys that partitions inherit from their parent are left out.
--
-- Columns: schema, table, referenced schema, referenced table, constraint,
--          columns and referenced columns in key order,
--          unique: whether the columns are a primary key or unique constraint of the table,
--          in_primary_key: whether they are part of its primary key
-- Run by:  the connection role; needs no privilege.
SELECT
  n.nspname::text,
  c.relname::text,
  fn.nspname::text,
  fc.relname::text,
  k.conname::text,
  ARRAY(
    SELECT a.attname::text
    FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, ord)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
    ORDER BY u.ord
  ),
  ARRAY(
    SELECT a.attname::text
    FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, ord)
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
    ORDER BY u.ord
  ),
  coalesce(keys.is_one, false),
  coalesce(keys.in_primary, false)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class fc ON fc.oid = k.confrelid
JOIN pg_namespace fn ON fn.oid = fc.relnamespace
CROSS JOIN LATERAL (
  SELECT
    bool_or(u.conkey @> k.conkey AND u.conkey <@ k.conkey) AS is_one,
    bool_or(u.contype = 'p' AND u.conkey @> k.conkey) AS in_primary
  FROM pg_constraint u
  WHERE u.conrelid = k.conrelid AND u.contype IN ('p', 'u')
) keys
WHERE k.contype = 'f' AND k.conparentid = 0
