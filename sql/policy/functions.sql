-- Purpose: the functions of the API. Columns: name (schema public is left
-- out), callers (database roles of the matrix with EXECUTE), and call, the text
-- of a query over which EXPLAIN asks for the right without running anything:
-- its arguments are NULL, and OFFSET 0 keeps the planner from knowing it.
-- Parameters: $1 served schemas, $2 database roles of the matrix. Read only.
SELECT format('%s%s(%s)', CASE WHEN n.nspname <> 'public' THEN n.nspname || '.' END, p.proname, replace(oidvectortypes(p.proargtypes), ', ', ',')) AS name,
       ARRAY(SELECT role FROM unnest($2::text[]) AS role
             WHERE has_schema_privilege(role, n.oid, 'USAGE') AND has_function_privilege(role, p.oid, 'EXECUTE')) AS callers,
       format('SELECT %I.%I(%s) FROM (SELECT %s OFFSET 0) AS v', n.nspname, p.proname, arguments.names, arguments.nulls) AS call
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
  SELECT string_agg(format('v.a%s', place), ', ' ORDER BY place) AS names,
         COALESCE(string_agg(format('CAST(NULL AS %s) AS a%s', format_type(type, NULL), place), ', ' ORDER BY place), '1') AS nulls
  FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS x (type, place)
) AS arguments
WHERE n.nspname = ANY ($1::text[]) AND p.prokind = 'f' AND p.provariadic = 0
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY n.nspname, p.proname, 1
