-- Written by `make generate` from functions/log_indexes.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:2c460b3d68a84425ec4ffc718f6bb124e4cab8ed48cdd93d6984a733b119530c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.log_indexes()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'log_indexes' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'log_indexes' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.log_indexes()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.log_indexes()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'log_indexes', 'romashka.log_indexes()', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
