-- Purpose: functions of the API that run with their owner's rights. A trigger's
-- function cannot be called as such; it is reported all the same, because a
-- right that nobody needs is better taken away.
-- Parameters: @schemas, @api_roles, @anon. Read only.
SELECT CASE WHEN bool_or(role = @anon::text) THEN 'error' ELSE 'warning' END AS severity,
       format('function %s', p.oid::regprocedure) AS object,
       format('%s.%s', n.nspname, p.proname) AS relation,
       format('SECURITY DEFINER, and %s may call it through the API', string_agg(role, ' and ' ORDER BY role)) AS fault,
       format('runs as %s%s', p.proowner::regrole, CASE WHEN p.prorettype = 'trigger'::regtype THEN '; a trigger''s function' END) AS evidence,
       CASE WHEN p.prorettype = 'trigger'::regtype
            THEN format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s;', p.oid::regprocedure, string_agg(role, ', ' ORDER BY role))
            ELSE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s; -- or ALTER FUNCTION %1$s SECURITY INVOKER;', p.oid::regprocedure, string_agg(role, ', ' ORDER BY role))
       END AS remedy
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN unnest(@api_roles::text[]) AS role ON has_function_privilege(role, p.oid, 'EXECUTE') AND has_schema_privilege(role, n.oid, 'USAGE')
WHERE n.nspname = ANY (@schemas::text[]) AND p.prosecdef
GROUP BY p.oid, n.nspname, p.proname, p.proowner, p.prorettype
