-- Purpose: tables without a primary key: rows cannot be distinguished, PUT and
-- replication do not work.
-- Parameters: @schemas. Read only.
SELECT 'info' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'has no primary key' AS fault,
       format('about %s rows', greatest(c.reltuples, 0)::bigint) AS evidence,
       CASE
         WHEN c.relkind = 'p' THEN format('SELECT pg_get_partkeydef(%L::regclass); -- a primary key must have these columns', format('%I.%I', n.nspname, c.relname))
         WHEN u.index IS NOT NULL THEN format('ALTER TABLE %I.%I ADD PRIMARY KEY USING INDEX %I;', n.nspname, c.relname, u.index)
         ELSE format('ALTER TABLE %I.%I ADD COLUMN %s bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY; -- which rewrites the table; or a key of its own columns', n.nspname, c.relname,
                     CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped) THEN 'row_id' ELSE 'id' END)
       END AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
  -- A unique index that could be the key.
  SELECT o.relname AS index
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS o ON o.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (SELECT FROM unnest(i.indkey::smallint[]) AS k (number) JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number WHERE NOT a.attnotnull)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid)
  ORDER BY i.indnkeyatts, o.relname LIMIT 1
) AS u ON true
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
