-- Purpose: a table that pages read by time, newest first, and that has no index for it.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.conversations
SELECT 'table public.conversations' AS object, 'the newest rows are found by reading all' AS fault,
       format('no index begins with created_at; %s rows as of the last ANALYZE', greatest(t.reltuples, 0)::bigint) AS evidence
FROM pg_catalog.pg_class AS t
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'created_at'
WHERE t.oid = to_regclass('public.conversations')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                  WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid)
