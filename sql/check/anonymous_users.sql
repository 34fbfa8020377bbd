-- Purpose: Supabase's anonymous sign-ins, which have the role authenticated.
-- Parameters: @schemas. Read only. The remedy is a restrictive policy for each table that has one for authenticated.
-- Needs: auth.users
SELECT 'info' AS severity, 'table auth.users' AS object, 'auth.users' AS relation,
       'anonymous sign-ins are in use: what TO authenticated allows, a stranger may do' AS fault,
       format('%s anonymous users', count(*)) AS evidence,
       COALESCE((SELECT string_agg(format('CREATE POLICY no_anonymous_users ON %I.%I AS RESTRICTIVE TO authenticated USING (((SELECT auth.jwt()) ->> ''is_anonymous'')::boolean IS NOT TRUE);',
                                          n.nspname, c.relname), E'\n' ORDER BY n.nspname, c.relname)
                 FROM pg_catalog.pg_class AS c
                 JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname = ANY (@schemas::text[]) AND c.relrowsecurity
                   AND EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid AND p.polpermissive
                                 AND (p.polroles = '{0}' OR (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'authenticated') = ANY (p.polroles)))),
                'turn off anonymous sign-ins in the project''s Auth settings') AS remedy
FROM auth.users
WHERE is_anonymous
HAVING count(*) > 0
