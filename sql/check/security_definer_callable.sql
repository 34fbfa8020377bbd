-- Purpose: functions of the API that run with their owner's rights.
-- Parameters: @schemas, @api_roles. Read only.
SELECT CASE WHEN bool_or(role = 'anon') THEN 'error' ELSE 'warning' END AS severity,
       format('function %s', p.oid::regprocedure) AS object,
       format('%s.%s', n.nspname, p.proname) AS relation,
       format('SECURITY DEFINER, and %s may call it through the API', string_agg(role, ' and ' ORDER BY role)) AS fault,
       format('runs as %s', p.proowner::regrole) AS evidence,
       format('ALTER FUNCTION %s SECURITY INVOKER; -- or REVOKE EXECUTE ON FUNCTION %1$s FROM PUBLIC, %s;',
              p.oid::regprocedure, string_agg(role, ', ' ORDER BY role)) AS remedy
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN unnest(@api_roles::text[]) AS role ON has_function_privilege(role, p.oid, 'EXECUTE') AND has_schema_privilege(role, n.oid, 'USAGE')
WHERE n.nspname = ANY (@schemas::text[]) AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
GROUP BY p.oid, n.nspname, p.proname, p.proowner
