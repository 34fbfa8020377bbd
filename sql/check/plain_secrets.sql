-- Purpose: columns made for secrets that API roles can read as they were
-- written. A column that a trigger empties before the row is stored is not one,
-- and a hash or a preview of a secret is none.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'error' AS severity,
       format('column %I.%I.%I', n.nspname, c.relname, a.attname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'a secret is stored in plain text and readable through the API' AS fault,
       format('%s, SELECT by %s', format_type(a.atttypid, a.atttypmod), string_agg(role, ', ' ORDER BY role)) AS evidence,
       -- A right on the table covers each column, so that the column's alone takes nothing away.
       string_agg(format('REVOKE SELECT ON %I.%I FROM %I; ', n.nspname, c.relname, role) || COALESCE('GRANT SELECT (' || (
         SELECT string_agg(format('%I', b.attname), ', ' ORDER BY b.attnum) FROM pg_catalog.pg_attribute AS b
         WHERE b.attrelid = c.oid AND b.attnum > 0 AND NOT b.attisdropped AND b.attname !~* secret.names AND has_column_privilege(role, c.oid, b.attnum, 'SELECT')
       ) || format(') ON %I.%I TO %I; ', n.nspname, c.relname, role), ''), '' ORDER BY role)
         || '-- and keep it in a schema that is not served, or a hash of it' AS remedy
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(@api_roles::text[]) AS role ON has_column_privilege(role, c.oid, a.attnum, 'SELECT')
CROSS JOIN (VALUES ('(^|_)(secret|secret_key|client_secret|passwd|password|passphrase|private_key|api_key|key_material|key_data|backup_codes?|recovery_codes?|access_token|refresh_token)$')) AS secret (names)
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'varchar'::regtype, 'varchar[]'::regtype, 'bytea'::regtype, 'jsonb'::regtype, 'json'::regtype)
  AND a.attname ~* secret.names
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
      AND t.tgtype & 23 = 23 -- for each row, before, insert and update
      AND f.prosrc ~* ('NEW\.' || a.attname || '\s*:?=\s*NULL'))
GROUP BY n.nspname, c.oid, c.relname, a.attname, a.atttypid, a.atttypmod
