-- Written by `make generate` from functions/partition_abort.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:8fbdcfa1b7197e66b42132719fb82eef58031c3f16af3d805c3426ff3be6b941' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_abort()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_abort' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_abort' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_abort()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_abort()
-- Purpose: takes back what partition_begin() did, if partition_swap() did not follow, or
--   partition_undo_begin(), if partition_undo_swap() did not.
-- Rows: whether there was anything to take back.
-- Locks: ACCESS EXCLUSIVE on the log, for moments, if so.
-- Who: the owner, by `romashka migrate partition --abort` and the job partitions.
CREATE OR REPLACE FUNCTION romashka.partition_abort()
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  begun boolean;
BEGIN
  begun := EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = 'public.api_security_logs'::regclass AND k.conname = 'romashka_past');
  IF begun THEN
    LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE public.api_security_logs DROP CONSTRAINT IF EXISTS romashka_past;
  END IF;
  IF pg_catalog.to_regclass('romashka.api_security_logs_aside') IS NOT NULL THEN
    PERFORM romashka.return_aside();
    RETURN true;
  END IF;
  IF pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_mirror ON public.api_security_logs;
    DROP TRIGGER IF EXISTS romashka_mirror_emptied ON public.api_security_logs;
    DROP TABLE romashka.api_security_logs_whole;
    RETURN true;
  END IF;
  RETURN begun;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_abort() FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_abort() IS 'Takes back what partition_begin() or partition_undo_begin() did';
$text$;
made := to_regprocedure('romashka.partition_abort()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_abort', 'romashka.partition_abort()', wanted, now(), s.definition
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
