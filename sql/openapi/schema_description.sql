-- The comment on a schema.
--
-- Parameters: $1 text  schema
-- Columns:    description, NULL when there is none
-- Run by:     any role; needs no privilege.
SELECT obj_description(n.oid, 'pg_namespace')
FROM pg_catalog.pg_namespace n
WHERE n.nspname = $1::text
