-- Written by `make generate` from functions/partition_undo_begin.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d24cfc36b86a485f9b5b5dc58d5778cacfec355d017542e67536f28aa5f76cf5' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_undo_begin()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_undo_begin' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_undo_begin' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_undo_begin()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_undo_begin()
-- Purpose: the first step of making a partitioned API log one table again: an empty table
--   beside it, which has each change of the log from now on.
-- Rows: none.
-- Locks: SHARE ROW EXCLUSIVE on the log and its partitions, for moments: who writes is waited
--   for, so that each row is either there to be copied or comes by the trigger.
-- Who: the owner, by `romashka migrate partition --undo`.
CREATE OR REPLACE FUNCTION romashka.partition_undo_begin()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  options text;
BEGIN
  LOCK TABLE public.api_security_logs IN SHARE ROW EXCLUSIVE MODE;
  SELECT pg_catalog.array_to_string(c.reloptions, ', ') INTO options
  FROM romashka.log_days() AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.relation WHERE NOT d.other ORDER BY d.until DESC LIMIT 1;
  EXECUTE 'CREATE TABLE romashka.api_security_logs_whole (LIKE public.api_security_logs INCLUDING ALL EXCLUDING INDEXES)' || COALESCE(' WITH (' || options || ')', '');
  EXECUTE pg_catalog.format('ALTER TABLE romashka.api_security_logs_whole OWNER TO %I',
    (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass));
  PERFORM romashka.shut_partition('romashka.api_security_logs_whole');
  ALTER TABLE romashka.api_security_logs_whole ADD CONSTRAINT api_security_logs_whole_days PRIMARY KEY (id, "timestamp");
  CREATE TRIGGER romashka_mirror AFTER INSERT OR UPDATE OR DELETE ON public.api_security_logs
    FOR EACH ROW EXECUTE FUNCTION romashka.mirror_request();
  CREATE TRIGGER romashka_mirror_emptied AFTER TRUNCATE ON public.api_security_logs
    FOR EACH STATEMENT EXECUTE FUNCTION romashka.mirror_request();
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_undo_begin() FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_undo_begin() IS 'Begins to make a partitioned API log one table again';
$text$;
made := to_regprocedure('romashka.partition_undo_begin()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_undo_begin', 'romashka.partition_undo_begin()', wanted, now(), s.definition
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
