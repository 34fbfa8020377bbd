-- Purpose: policies on storage.objects that let a public bucket be listed:
-- always true, or asking for nothing but the bucket.
-- Parameters: @api_roles. Read only.
SELECT 'warning' AS severity,
       format('policy %I on storage.objects', p.policyname) AS object, 'storage.objects' AS relation,
       'lets API roles list the files of whole buckets' AS fault,
       format('USING %s TO %s', COALESCE(p.qual, 'true'), array_to_string(p.roles, ', ')) AS evidence,
       format('DROP POLICY %I ON storage.objects; -- public files are served without it', p.policyname) AS remedy
FROM pg_catalog.pg_policies AS p
WHERE p.schemaname = 'storage' AND p.tablename = 'objects' AND p.permissive = 'PERMISSIVE' AND p.cmd IN ('SELECT', 'ALL')
  AND p.roles && (@api_roles::name[] || 'public'::name)
  AND regexp_replace(lower(COALESCE(p.qual, 'true')), '[\s()]', '', 'g') ~ '^(true|1=1|bucket_id=''[^'']*''(::\w+)?)$'
