-- Purpose: takes CREATE on served schemas, and on public, from the API's roles.
-- Parameters: @schemas, @api_roles. Read only: it gives statements and carries none out.
-- Columns: object, statement, undo.
SELECT format('schema %I', n.nspname) AS object,
       format('REVOKE CREATE ON SCHEMA %I FROM %s', n.nspname, g.grantee) AS statement,
       format('GRANT CREATE ON SCHEMA %I TO %s', n.nspname, g.grantee) AS undo
FROM pg_catalog.pg_namespace AS n
CROSS JOIN LATERAL (
  SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE format('%I', r.rolname) END AS grantee
  FROM aclexplode(COALESCE(n.nspacl, acldefault('n', n.nspowner))) AS a
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
  WHERE a.privilege_type = 'CREATE' AND (a.grantee = 0 OR r.rolname = ANY (@api_roles::text[]))
) AS g
WHERE n.nspname = ANY (@schemas::text[] || 'public'::text)
