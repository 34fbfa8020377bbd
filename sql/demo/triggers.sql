-- Purpose: the triggers that stand in the way of filling tables in bulk: those
-- that are on and not ROMASHKA's own.
-- Parameters: $1 text[], qualified names of tables.
-- Columns: relation, trigger text, quoted.
-- Run by: internal/database/migrator/demo.
SELECT t.tgrelid::regclass::text AS relation, quote_ident(t.tgname) AS trigger
FROM pg_catalog.pg_trigger AS t
WHERE t.tgrelid = ANY (SELECT to_regclass(n) FROM unnest($1::text[]) AS w (n))
  AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname NOT LIKE 'romashka\_%'
ORDER BY 1, 2
