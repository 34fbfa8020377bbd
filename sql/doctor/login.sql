-- Purpose: the rights of the role that the API logs in as, and the roles it may become.
-- Columns: name, super, bypass, createrole, createdb, replicates, inherits,
-- becomes (every other role it is a member of), owns (relations and functions
-- of the served schemas). Parameters: $1 served schemas, $2 the
-- role, '' for the one of this connection. Read only.
SELECT r.rolname::text AS name, r.rolsuper AS super, r.rolbypassrls AS bypass, r.rolcreaterole AS createrole,
       r.rolcreatedb AS createdb, r.rolreplication AS replicates, r.rolinherit AS inherits,
       ARRAY(SELECT o.rolname::text FROM pg_catalog.pg_roles AS o
             WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER') ORDER BY 1) AS becomes,
       (SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relowner = r.oid AND n.nspname = ANY ($1::text[]))::integer AS owns
FROM pg_catalog.pg_roles AS r
WHERE r.rolname = COALESCE(NULLIF($2::text, ''), session_user)
