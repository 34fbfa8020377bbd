-- The makers of bodies of custom media types. A media type is a domain with such
-- a name; aggregates over a relation or over anyelement, and functions, that
-- return it are its handlers. "*/*" stands for any.
--
-- Parameters: $1 text[]  exposed schemas
-- Columns:    handler schema and name (the aggregate; for functions the domain),
--             target schema and name (the relation's row type or anyelement; the function),
--             media type, the type that is answered
-- Order:      makes a repeated (target, media type) deterministic: the last one counts
-- Run by:     the connection role; needs no privilege.
WITH media_types AS (
  SELECT
    t.oid,
    n.nspname::text AS schema,
    lower(t.typname) AS name,
    CASE t.typname WHEN '*/*' THEN 'application/octet-stream' ELSE t.typname::text END AS resolved
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'd'
    AND (t.typname ~* '^[A-Za-z0-9.-]+/[A-Za-z0-9.\+-]+$' OR t.typname = '*/*')
)
SELECT n.nspname::text, p.proname::text, an.nspname::text, a.typname::text, m.name, m.resolved
FROM media_types m
JOIN pg_proc p ON p.prorettype = m.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_type a ON a.oid = p.proargtypes[0]
JOIN pg_namespace an ON an.oid = a.typnamespace
LEFT JOIN pg_class c ON c.oid = a.typrelid
WHERE n.nspname = ANY ($1)
  AND p.prokind = 'a'
  AND p.pronargs = 1
  AND (a.oid = 'anyelement'::regtype OR c.relkind IN ('r', 'v', 'm', 'f', 'p'))
UNION ALL
SELECT m.schema, m.name, n.nspname::text, p.proname::text, m.name, m.resolved
FROM media_types m
JOIN pg_proc p ON p.prorettype = m.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1) AND p.prokind = 'f' AND NOT p.proretset
ORDER BY 3, 4, 5, 1, 2
