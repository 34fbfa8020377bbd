-- Purpose: tables whose rows are meant to be resolved by somebody, although no
-- policy lets anybody change one.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'has resolved_at or resolved_by, and no policy lets any user, admins included, set them' AS fault,
       format('policies: %s', (SELECT string_agg(format('%I', p.polname), ', ') FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid)) AS evidence,
       format('CREATE POLICY admins_resolve ON %I.%I FOR UPDATE TO authenticated USING (%s);', n.nspname, c.relname,
              CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = to_regclass('public.profiles') AND a.attname = 'role' AND NOT a.attisdropped)
                   THEN 'EXISTS (SELECT FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role = ''admin'')'
                   ELSE '(SELECT auth.jwt()) -> ''app_metadata'' ->> ''role'' = ''admin''' END) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p') AND c.relrowsecurity
  AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('resolved_by', 'resolved_at') AND NOT a.attisdropped)
  AND EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd = 'r')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd IN ('w', '*'))
