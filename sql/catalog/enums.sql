-- Labels of enum types.
--
-- Parameters: $1 oid[]  enum types
-- Columns:    oid, labels in enum order
-- Run by:     the connection role; needs no privilege.
SELECT enumtypid, array_agg(enumlabel::text ORDER BY enumsortorder)
FROM pg_enum
WHERE enumtypid = ANY ($1)
GROUP BY enumtypid
