-- Purpose: functions that read their names by the caller's search path.
-- Parameters: @internal. Read only.
SELECT CASE WHEN p.prosecdef THEN 'error' ELSE 'warning' END AS severity,
       format('function %s', p.oid::regprocedure) AS object,
       format('%s.%s', n.nspname, p.proname) AS relation,
       CASE WHEN p.prosecdef THEN 'runs with its owner''s rights and has no search_path of its own'
            ELSE 'has no search_path of its own' END AS fault,
       format('language %s, settings %s', l.lanname, COALESCE(p.proconfig::text, 'none')) AS evidence,
       format('ALTER %s %s SET search_path = ''''; -- after qualifying the names in it',
              CASE WHEN p.prokind = 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid::regprocedure) AS remedy
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname <> ALL (@internal::text[]) AND p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND p.prosqlbody IS NULL -- such a body was bound to its objects when it was made
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s LIKE 'search_path=%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
