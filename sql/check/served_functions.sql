-- Purpose: functions of the API that a GET without arguments would call, for
-- the doctor to try in a read-only transaction: column call. A function that reaches out
-- of the database, waits or ends others is left alone.
-- Parameters: @schemas, @api_roles. Read only.
SELECT p.oid::regprocedure::text AS function, format('%s.%s', n.nspname, p.proname) AS relation,
       format('SELECT count(*) FROM %I.%I()', n.nspname, p.proname) AS call
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname = ANY (@schemas::text[]) AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql') AND p.pronargs = p.pronargdefaults
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND EXISTS (SELECT FROM unnest(@api_roles::text[] || 'service_role'::text) AS role
              WHERE to_regrole(role) IS NOT NULL AND has_function_privilege(role, p.oid, 'EXECUTE'))
  AND p.prosrc !~* '(http|dblink|net\.|pg_sleep|pg_terminate|pg_cancel|lo_|copy |advisory|nextval|setval|pg_read|pg_ls|pg_switch|pg_reload)'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
