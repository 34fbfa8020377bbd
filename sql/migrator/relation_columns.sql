-- Purpose: the shape of relations, as one text that changes when a column does.
-- Parameters: $1 text[], qualified names; one that does not exist has no columns.
-- Columns: shape text.
-- Run by: internal/database/migrator.
SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest($1::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped
