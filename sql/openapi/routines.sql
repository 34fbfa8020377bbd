-- Functions of a schema that the current role may call. Types are named as the
-- request's search path sees them, so those of the exposed schema come
-- unqualified; all else is known from the catalog already.
--
-- Parameters: $1 text  schema
-- Columns:    oid,
--             types of the input parameters in order, as a JSON array of text
-- Run by:     the role of the request, in its transaction; needs no privilege.
SELECT
  p.oid,
  to_json(ARRAY(
    SELECT format_type(a.type, NULL)
    FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, position)
    ORDER BY a.position
  ))::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1::text
  AND p.prokind = 'f'
  AND has_function_privilege(p.oid, 'EXECUTE')
