-- Purpose: SELECT policies that are always true and hold for requests without a
-- user.
-- Parameters: @schemas, @anon. Read only.
SELECT CASE WHEN count(a.attname) > 0 THEN 'critical' ELSE 'error' END AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       format('%s reads every row: policy %I is always true', @anon::text, p.polname) AS fault,
       format('USING (%s) TO %s', pg_get_expr(p.polqual, p.polrelid),
              CASE WHEN p.polroles = '{0}' THEN 'PUBLIC' ELSE @anon::text END)
         || COALESCE('; personal: ' || string_agg(a.attname, ', ' ORDER BY a.attnum), '') AS evidence,
       format('ALTER POLICY %I ON %I.%I TO authenticated;', p.polname, n.nspname, c.relname) AS remedy
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles AS anon ON anon.rolname = @anon::text
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname ~* '(^|_)(user_id|customer_id|conversation_id|message_id|e_?mail|phone(_number)?|full_name|address|ip(_address)?|birth.*)$'
WHERE n.nspname = ANY (@schemas::text[]) AND c.relrowsecurity AND p.polpermissive AND p.polcmd IN ('r', '*')
  AND (p.polroles = '{0}' OR anon.oid = ANY (p.polroles))
  AND has_any_column_privilege(anon.oid, c.oid, 'SELECT')
  AND regexp_replace(lower(COALESCE(pg_get_expr(p.polqual, p.polrelid), 'true')), '[\s()]', '', 'g') IN ('true', '1=1')
GROUP BY n.nspname, c.relname, p.polname, p.polqual, p.polrelid, p.polroles
