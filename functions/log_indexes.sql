-- function: romashka.log_indexes()
-- Purpose: the indexes that the table needs that takes the place of a partitioned API log.
-- Rows: name, in schema romashka while the log stands; statement that builds it, concurrently;
--   built: it is there and valid; rename, the statement that gives it its name of the
--   log when that is gone, NULL for the index of the primary key.
-- Who: the owner, by way of `romashka migrate partition --undo` and partition_undo_swap().
CREATE OR REPLACE FUNCTION romashka.log_indexes()
RETURNS TABLE (name text, statement text, built boolean, rename text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  WITH wanted AS (
    SELECT 'api_security_logs_whole_pkey' AS name, 0::oid AS number, NULL AS rename,
           'CREATE UNIQUE INDEX CONCURRENTLY api_security_logs_whole_pkey ON romashka.api_security_logs_whole (id)' AS statement
    UNION ALL
    SELECT own.name, i.indexrelid,
           CASE WHEN k.oid IS NULL THEN pg_catalog.format('ALTER INDEX public.%I RENAME TO %I', own.name, c.relname)
                ELSE pg_catalog.format('ALTER TABLE public.api_security_logs ADD CONSTRAINT %I UNIQUE USING INDEX %I%s%s', k.conname, own.name,
                       CASE WHEN k.condeferrable THEN ' DEFERRABLE' END, CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END) END,
           pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .*? ON ONLY public\.api_security_logs ',
             'CREATE \1INDEX CONCURRENTLY ' || own.name || ' ON romashka.api_security_logs_whole ')
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype = 'u'
    CROSS JOIN LATERAL (SELECT 'api_security_logs_whole_' || i.indexrelid AS name) AS own
    WHERE i.indrelid = 'public.api_security_logs'::regclass AND i.indisvalid AND NOT i.indisprimary
  )
  SELECT w.name, w.statement, COALESCE(i.indisvalid, false), w.rename
  FROM wanted AS w
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = pg_catalog.to_regclass('romashka.' || w.name)
  ORDER BY w.number
$$;

REVOKE ALL ON FUNCTION romashka.log_indexes() FROM PUBLIC;
COMMENT ON FUNCTION romashka.log_indexes() IS 'The indexes of the table that takes the place of a partitioned API log';
