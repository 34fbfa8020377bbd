-- The tables that views show, by oid.
--
-- Parameters: $1 oid[]  relations
-- Columns:    oid, schema, name, column numbers, column names (same order),
--             primary key: column names in key order
-- Run by:     the connection role; needs no privilege.
SELECT
  c.oid,
  n.nspname::text,
  c.relname::text,
  att.numbers,
  att.names,
  ARRAY(
    SELECT a.attname::text
    FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY AS u (attnum, ord)
    JOIN pg_attribute a ON a.attnum = u.attnum
    WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attrelid = c.oid
    ORDER BY u.ord
  )
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN LATERAL (
  SELECT array_agg(a.attnum) AS numbers, array_agg(a.attname::text) AS names
  FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) att ON att.numbers IS NOT NULL
WHERE c.oid = ANY ($1) AND c.relkind IN ('r', 'p', 'f')
