-- Purpose: foreign keys to a table of schema auth other than by its primary key;
-- Supabase may change those.
-- Parameters: @schemas. Read only.
SELECT 'error' AS severity,
       format('constraint %I on %I.%I', k.conname, n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'refers to schema auth by a key that is not the primary key' AS fault,
       pg_get_constraintdef(k.oid) AS evidence,
       format('ALTER TABLE %I.%I DROP CONSTRAINT %I; -- and refer to %s by its id', n.nspname, c.relname, k.conname, k.confrelid::regclass) AS remedy
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS target ON target.oid = k.confrelid
JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.conindid
WHERE k.contype = 'f' AND target.relnamespace = to_regnamespace('auth') AND n.nspname = ANY (@schemas::text[] || 'romashka'::text)
  AND i.indisunique AND NOT i.indisprimary
