-- Purpose: the columns of a table's primary key, in the key's order.
-- Parameters: 1 oid of the table.
-- Columns: name.
-- Run by: the role that follows changes.
SELECT a.attname::text
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, place)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::pg_catalog.oid AND i.indisprimary AND k.place <= i.indnkeyatts
ORDER BY k.place
