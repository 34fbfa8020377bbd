-- Written by `make generate` from functions/mirror_request.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:b30a089ab36c2306fc6b4f6cfffc59a51fbf618be10f4e02fe584911563b88b1' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.mirror_request()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'mirror_request' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'mirror_request' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.mirror_request()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.mirror_request()
-- Purpose: while a partitioned API log is made one table again, each change of a row of it
--   is made to that table, too, whether the row was copied already or not.
-- Rows: none.
-- Who: a trigger of the log between partition_undo_begin() and partition_undo_swap(), for
--   any writer, with the rights of the owner: the table is his alone.
CREATE OR REPLACE FUNCTION romashka.mirror_request()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  names text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    TRUNCATE romashka.api_security_logs_whole;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM romashka.api_security_logs_whole AS w WHERE w.id = OLD.id AND w."timestamp" = OLD."timestamp";
  END IF;
  IF TG_OP <> 'DELETE' THEN -- by name: a partition may have its columns in another order
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_attribute AS w ON w.attname = a.attname
    WHERE a.attrelid = TG_RELID AND w.attrelid = 'romashka.api_security_logs_whole'::regclass AND a.attnum > 0 AND a.attgenerated = '' AND NOT a.attisdropped;
    EXECUTE pg_catalog.format('INSERT INTO romashka.api_security_logs_whole (%1$s) SELECT %1$s FROM (SELECT ($1).*) AS t', names) USING NEW;
  END IF;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.mirror_request() FROM PUBLIC;
COMMENT ON FUNCTION romashka.mirror_request() IS 'Makes a change of the API log to the table that takes its place, too';
$text$;
made := to_regprocedure('romashka.mirror_request()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'mirror_request', 'romashka.mirror_request()', wanted, now(), s.definition
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
