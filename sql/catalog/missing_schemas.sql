-- Exposed schemas that do not exist.
--
-- Parameters: $1 text[]  exposed schemas
-- Columns:    name
-- Run by:     the connection role; needs no privilege.
SELECT s.name
FROM unnest($1::text[]) AS s (name)
WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = s.name)
