-- Purpose: policies that believe claims that users write about themselves.
-- Parameters: @schemas. Read only.
SELECT 'critical' AS severity,
       format('policy %I on %I.%I', policyname, schemaname, tablename) AS object,
       format('%s.%s', schemaname, tablename) AS relation,
       'decides by user_metadata, which every user can set for himself' AS fault,
       concat_ws(' ', 'USING ' || qual, 'WITH CHECK ' || with_check) AS evidence,
       format('ALTER POLICY %I ON %I.%I%s%s; -- app_metadata is what users cannot write: the claims have to be set there', policyname, schemaname, tablename,
              ' USING (' || replace(replace(qual, '''user_metadata''', '''app_metadata'''), 'raw_user_meta_data', 'raw_app_meta_data') || ')',
              ' WITH CHECK (' || replace(replace(with_check, '''user_metadata''', '''app_metadata'''), 'raw_user_meta_data', 'raw_app_meta_data') || ')') AS remedy
FROM pg_catalog.pg_policies
WHERE schemaname = ANY (@schemas::text[]) AND concat_ws(' ', qual, with_check) ~* '(raw_user_meta_data|''user_metadata'')'
