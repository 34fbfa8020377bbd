-- Purpose: foreign keys whose columns lead no index: each delete of the row they
-- point at scans the table.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('constraint %I on %I.%I', k.conname, n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'the foreign key has no index: a delete at the other end scans the table' AS fault,
       pg_get_constraintdef(k.oid) AS evidence,
       format('CREATE INDEX CONCURRENTLY ON %I.%I (%s);', n.nspname, c.relname,
              (SELECT string_agg(format('%I', a.attname), ', ' ORDER BY x.place)
               FROM unnest(k.conkey) WITH ORDINALITY AS x (attnum, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = x.attnum)) AS remedy
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND k.conparentid = 0
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
      AND ARRAY(SELECT key FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS x (key, place) WHERE x.place <= cardinality(k.conkey)) @> k.conkey)
