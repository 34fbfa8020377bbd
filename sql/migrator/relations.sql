-- Purpose: the objects that a script that changes the schema would find: relations of the
-- two schemas that migrations touch, with their size, columns and parts.
-- Columns: relation, kind ("relation", "column", "index", "invalid index",
--   "constraint", "policy", "trigger"), name, detail text (a column's type, a foreign key's
--   target); not_null boolean; row_count, bytes bigint, of relations only.
-- Run by: internal/database/migrator, read only.
WITH relation AS (
  SELECT c.oid, c.relkind, format('%s.%s', n.nspname, c.relname) AS name, c.reltuples
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'romashka') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
)
-- A table that was never analyzed has -1 rows; the statistics may know more.
SELECT r.name AS relation, 'relation' AS kind, '' AS name, '' AS detail, false AS not_null,
       greatest(r.reltuples::bigint, pg_catalog.pg_stat_get_live_tuples(r.oid), 0) AS row_count,
       CASE WHEN r.relkind IN ('r', 'm') THEN coalesce(pg_catalog.pg_total_relation_size(r.oid), 0) ELSE 0 END AS bytes
FROM relation AS r
UNION ALL
SELECT r.name, 'column', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, 0, 0
FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT r.name, CASE WHEN x.indisvalid THEN 'index' ELSE 'invalid index' END, i.relname, '', false, 0, 0
FROM relation AS r JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
UNION ALL
SELECT r.name, 'constraint', k.conname, coalesce(t.name, ''), false, 0, 0
FROM relation AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid AND k.contype <> 'n'
LEFT JOIN relation AS t ON t.oid = k.confrelid
UNION ALL
SELECT r.name, 'policy', p.polname, '', false, 0, 0
FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
UNION ALL
SELECT r.name, 'trigger', t.tgname, '', false, 0, 0
FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal AND t.tgname <> 'romashka_realtime' -- it comes and goes
