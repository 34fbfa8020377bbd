-- Purpose: indexes that another one makes superfluous: the same columns, or the
-- first ones of it, under the same condition. Unique ones are only superfluous
-- beside another unique one on the same columns.
-- Parameters: @schemas. Read only.
WITH candidate AS (
  SELECT i.indexrelid, i.indrelid, i.indkey::smallint[] AS keys, i.indclass::oid[] AS classes, i.indcollation::oid[] AS collations,
         i.indoption::smallint[] AS options, i.indnkeyatts, i.indisunique, i.indisprimary, x.relam, x.relname,
         pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_expr(i.indexprs, i.indrelid) AS expressions,
         EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid) AS constrains
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  WHERE i.indisvalid AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indrelid AND d.deptype = 'e')
)
SELECT DISTINCT ON (n.nspname, a.relname)
       'warning' AS severity,
       format('index %I.%I', n.nspname, a.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       format('does nothing that index %I does not do', b.relname) AS fault,
       format('%s; %s', pg_get_indexdef(a.indexrelid), pg_get_indexdef(b.indexrelid)) AS evidence,
       format('DROP INDEX CONCURRENTLY %I.%I;', n.nspname, a.relname) AS remedy
FROM candidate AS a
JOIN candidate AS b ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid AND b.relam = a.relam
  AND b.predicate IS NOT DISTINCT FROM a.predicate AND b.expressions IS NOT DISTINCT FROM a.expressions
  AND a.indnkeyatts <= b.indnkeyatts
  AND b.keys[0:a.indnkeyatts - 1] = a.keys[0:a.indnkeyatts - 1] AND b.classes[0:a.indnkeyatts - 1] = a.classes[0:a.indnkeyatts - 1]
  AND b.collations[0:a.indnkeyatts - 1] = a.collations[0:a.indnkeyatts - 1]
  AND b.options[0:a.indnkeyatts - 1] = a.options[0:a.indnkeyatts - 1]
  AND b.keys @> a.keys -- included columns too
JOIN pg_catalog.pg_class AS c ON c.oid = a.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND NOT a.constrains
  AND CASE WHEN a.indisunique THEN b.indisunique AND b.indnkeyatts = a.indnkeyatts
           WHEN a.relam <> (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree') THEN b.indnkeyatts = a.indnkeyatts
           ELSE true END
  -- of two equals, one stays
  AND (b.indisunique AND NOT a.indisunique OR b.indnkeyatts > a.indnkeyatts OR b.constrains OR b.relname < a.relname)
ORDER BY n.nspname, a.relname, b.constrains DESC, b.relname
