-- Purpose: Supabase's anonymous sign-ins, which have the role authenticated.
-- Parameters: none. Read only.
-- Needs: auth.users
SELECT 'info' AS severity, 'table auth.users' AS object, 'auth.users' AS relation,
       'anonymous sign-ins are in use: what TO authenticated allows, a stranger may do' AS fault,
       format('%s anonymous users', count(*)) AS evidence,
       'add to policies: ((SELECT auth.jwt()) ->> ''is_anonymous'')::boolean IS NOT TRUE' AS remedy
FROM auth.users
WHERE is_anonymous
HAVING count(*) > 0
