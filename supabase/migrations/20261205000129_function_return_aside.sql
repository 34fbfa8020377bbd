-- Written by `make generate` from functions/return_aside.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:5ad2e8996c6f0b093a2a37ce41d536e94bf4c58fbab34010e59fa7dc92301812' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.return_aside()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'return_aside' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'return_aside' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.return_aside()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.return_aside()
-- Purpose: puts the rows that partition_begin() set aside back into the API log. A user
--   who is gone meanwhile is NULL, as in the log itself; in a partitioned log a row
--   without a time gets the present one.
-- Rows: none.
-- Who: the owner, by way of partition_abort() and partition_swap().
CREATE OR REPLACE FUNCTION romashka.return_aside()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  names text;
BEGIN
  UPDATE romashka.api_security_logs_aside AS a SET user_id = NULL
  WHERE a.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = a.user_id);
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass AND c.relkind = 'p') THEN
    UPDATE romashka.api_security_logs_aside AS a SET "timestamp" = pg_catalog.now() WHERE a."timestamp" IS NULL;
  END IF;
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
  FROM pg_catalog.pg_attribute AS a
  WHERE a.attrelid = 'public.api_security_logs'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
  EXECUTE pg_catalog.format('INSERT INTO public.api_security_logs (%1$s) SELECT %1$s FROM romashka.api_security_logs_aside', names);
  DROP TABLE romashka.api_security_logs_aside;
END
$$;

REVOKE ALL ON FUNCTION romashka.return_aside() FROM PUBLIC;
COMMENT ON FUNCTION romashka.return_aside() IS 'Puts rows that were set aside back into the API log';
$text$;
made := to_regprocedure('romashka.return_aside()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'return_aside', 'romashka.return_aside()', wanted, now(), s.definition
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
