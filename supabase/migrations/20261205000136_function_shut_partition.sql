-- Written by `make generate` from functions/shut_partition.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:5fa55ab43ab713893ebb742a09fcafe6792917fa13c48616f110a9474ecfb618' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.shut_partition(regclass)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'shut_partition' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'shut_partition' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.shut_partition(regclass)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.shut_partition(regclass)
-- Purpose: leaves a table of the API log's rows to its owner, since rights and policies are
--   those of the log, and has it written to the write-ahead log as the log itself says.
-- Parameters: the table, a partition or one that will be.
-- Rows: none.
-- Who: the owner, by way of the functions that make partitions.
CREATE OR REPLACE FUNCTION romashka.shut_partition(part regclass)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS name
    FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid = part AND a.grantee <> c.relowner
    UNION
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
    FROM pg_catalog.pg_attribute AS t, pg_catalog.aclexplode(t.attacl) AS a WHERE t.attrelid = part
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', part, item.name);
  END LOOP;
  EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass AND c.relreplident = 'f') THEN
    EXECUTE pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL', part);
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.shut_partition(regclass) FROM PUBLIC;
COMMENT ON FUNCTION romashka.shut_partition(regclass) IS 'Leaves a partition of the API log to its owner';
$text$;
made := to_regprocedure('romashka.shut_partition(regclass)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'shut_partition', 'romashka.shut_partition(regclass)', wanted, now(), s.definition
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
