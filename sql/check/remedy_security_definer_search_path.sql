-- Purpose: gives functions with their owner's rights a search_path: the schemas in
-- which they find their names today, so that none stops working, with those of
-- temporary tables last.
-- Parameters: @internal. Read only: it gives statements and carries none out.
-- Columns: object, statement, undo.
SELECT format('function %s', p.oid::regprocedure) AS object,
       format('ALTER %s %s SET search_path = pg_catalog, %s, pg_temp', kind, p.oid::regprocedure, path.schemas) AS statement,
       format('ALTER %s %s RESET search_path', kind, p.oid::regprocedure) AS undo
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
CROSS JOIN LATERAL (SELECT CASE WHEN p.prokind = 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind) AS k
CROSS JOIN LATERAL (
  SELECT string_agg(format('%I', s.name), ', ' ORDER BY s.place) AS schemas
  FROM (SELECT name, min(place) AS place
        FROM unnest(ARRAY[n.nspname::text] || (SELECT array_agg(trim(trim(x), '"')) FROM pg_catalog.pg_settings AS g, unnest(string_to_array(g.reset_val, ',')) AS x WHERE g.name = 'search_path'))
          WITH ORDINALITY AS u (name, place)
        WHERE name NOT IN ('$user', 'pg_temp', 'pg_catalog', '') GROUP BY name) AS s) AS path
WHERE n.nspname <> ALL (@internal::text[]) AND p.prosecdef AND p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
  AND pg_has_role(p.proowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s LIKE 'search_path=%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
