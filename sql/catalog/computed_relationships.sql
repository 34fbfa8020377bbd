-- Functions from a row of one relation to rows of another.
--
-- Parameters: $1 text[]  exposed schemas
-- Columns:    schema, name, schema and name of the argument's relation,
--             schema and name of the returned relation, to_one
-- Run by:     the connection role; needs no privilege.
SELECT
  n.nspname::text,
  p.proname::text,
  an.nspname::text,
  a.relname::text,
  rn.nspname::text,
  r.relname::text,
  NOT p.proretset OR p.prorows = 1
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_type at ON at.oid = p.proargtypes[0]
JOIN pg_class a ON a.oid = at.typrelid AND a.relkind IN ('v', 'r', 'm', 'f', 'p')
JOIN pg_namespace an ON an.oid = a.relnamespace
JOIN pg_type rt ON rt.oid = p.prorettype
JOIN pg_class r ON r.oid = rt.typrelid AND r.relkind IN ('v', 'r', 'm', 'f', 'p')
JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE p.pronargs = 1 AND n.nspname = ANY ($1)
