-- Written by `make generate` from functions/partition_undo_copy.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e7560169347eedc85dedf99d928152c5f49f7a67d55c8fdc0135917719244238' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_undo_copy(regclass, bigint, bigint)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_undo_copy' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_undo_copy' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_undo_copy(regclass, bigint, bigint)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_undo_copy(regclass, bigint, bigint)
-- Purpose: copies the rows of some pages of a partition of the API log into the table that
--   takes its place. A row that changes meanwhile is waited for, one that comes
--   meanwhile has come by the trigger.
-- Parameters: the partition; the first page, and the one after the last.
-- Rows: how many rows were copied.
-- Locks: FOR SHARE on those rows, until the end of the transaction.
-- Who: the owner, by `romashka migrate partition --undo`, in a transaction that is READ COMMITTED.
CREATE OR REPLACE FUNCTION romashka.partition_undo_copy(part regclass, first bigint, until bigint)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  names  text;
  copied bigint;
BEGIN
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(w.attname), ', ' ORDER BY w.attnum) INTO names
  FROM pg_catalog.pg_attribute AS w
  WHERE w.attrelid = 'romashka.api_security_logs_whole'::regclass AND w.attnum > 0 AND w.attgenerated = '' AND NOT w.attisdropped;
  EXECUTE pg_catalog.format(
    'INSERT INTO romashka.api_security_logs_whole (%1$s)
     SELECT %1$s FROM ONLY %2$s WHERE ctid >= %3$L::tid AND ctid < %4$L::tid FOR SHARE
     ON CONFLICT (id, "timestamp") DO NOTHING',
    names, part, pg_catalog.format('(%s,0)', first), pg_catalog.format('(%s,0)', until));
  GET DIAGNOSTICS copied = ROW_COUNT;
  RETURN copied;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_undo_copy(regclass, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_undo_copy(regclass, bigint, bigint) IS 'Copies rows of a partition of the API log into the table that takes its place';
$text$;
made := to_regprocedure('romashka.partition_undo_copy(regclass, bigint, bigint)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_undo_copy', 'romashka.partition_undo_copy(regclass, bigint, bigint)', wanted, now(), s.definition
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
