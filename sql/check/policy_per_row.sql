-- Purpose: policies that ask who the caller is once for each row. In a sub-
-- select, auth.uid() and its kind are asked once for each statement.
-- Parameters: @schemas. Read only.
WITH policy AS (
  SELECT *, concat_ws(' ', qual, with_check) AS conditions FROM pg_catalog.pg_policies WHERE schemaname = ANY (@schemas::text[])
), form (call, wrapped) AS (
  VALUES ('(auth\.(?:uid|role|email|jwt)\(\)|current_setting\([^()]*\))', '\(\s*SELECT (auth\.(?:uid|role|email|jwt)\(\)|current_setting\([^()]*\))(?: AS \w+)?\s*\)')
)
SELECT 'warning' AS severity,
       format('policy %I on %I.%I', policyname, schemaname, tablename) AS object,
       format('%s.%s', schemaname, tablename) AS relation,
       'asks who the caller is once for each row' AS fault,
       concat_ws(' ', 'USING ' || regexp_replace(qual, '\s+', ' ', 'g'), 'WITH CHECK ' || regexp_replace(with_check, '\s+', ' ', 'g')) AS evidence,
       format('ALTER POLICY %I ON %I.%I%s%s;', policyname, schemaname, tablename,
              ' USING (' || regexp_replace(regexp_replace(qual, wrapped, '\1', 'gi'), call, '(SELECT \1)', 'gi') || ')',
              ' WITH CHECK (' || regexp_replace(regexp_replace(with_check, wrapped, '\1', 'gi'), call, '(SELECT \1)', 'gi') || ')') AS remedy
FROM policy CROSS JOIN form
-- A call in a sub-select of its own, SELECT f() and nothing else, is taken out.
WHERE regexp_replace(conditions, 'SELECT (auth\.(uid|role|email|jwt)\(\)|current_setting\([^()]*\))', '', 'gi')
      ~* '(auth\.(uid|role|email|jwt)\(\)|current_setting\()'
