-- Purpose: columns of a table as a role may read them.
-- Parameters: 1 oid of the table, 2 name of the role.
-- Columns: name; type, as it is written in a cast; name of the type, as clients
-- of Realtime know it; whether the role may read it; place in the primary key,
-- 0 = not in it; oid of the type; whether texts are equal only where their bytes are.
-- Run by: the role that serves, with an empty search_path.
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, NULL), t.typname::text,
       pg_catalog.has_schema_privilege($2::text, c.relnamespace, 'USAGE')
         AND pg_catalog.has_column_privilege($2::text, a.attrelid, a.attnum, 'SELECT'),
       COALESCE(pg_catalog.array_position((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1], a.attnum), 0),
       t.oid, COALESCE((SELECT l.collisdeterministic FROM pg_catalog.pg_collation AS l WHERE l.oid = a.attcollation), true)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
