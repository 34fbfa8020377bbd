-- Views and the parse trees of their queries, from which the origin of each
-- column is read: only there does PostgreSQL keep it.
--
-- Parameters: $1 text[]  exposed schemas and the extra search path
-- Columns:    oid, schema, name, column names in order, parse tree
-- Run by:     the connection role; needs no privilege.
SELECT
  c.oid,
  n.nspname::text,
  c.relname::text,
  ARRAY(
    SELECT a.attname::text
    FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0
    ORDER BY a.attnum
  ),
  r.ev_action::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY ($1)
