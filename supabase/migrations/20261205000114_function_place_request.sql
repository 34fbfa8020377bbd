-- Written by `make generate` from functions/place_request.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4e68518b635b3bb6fc8350b8f553c8c53252819a1db226e7fdb4b5f7f90c4f11' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.place_request()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'place_request' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'place_request' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.place_request()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.place_request()
-- Purpose: a row of the API log that comes by the API has the present time
--   (romashka.stamp_evidence), whatever time it names. In a partitioned log it was put
--   into the day that it names, where it cannot stay: it is inserted anew.
-- Rows: NULL, and so nothing for RETURNING, where the row goes to another partition.
-- Who: a trigger of a partitioned log, for the writer of the row and with his rights.
CREATE OR REPLACE FUNCTION romashka.place_request()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  fits  boolean;
  names text;
BEGIN
  IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW; -- who is not stamped
  END IF;
  NEW."timestamp" := pg_catalog.now();
  EXECUTE 'SELECT ' || pg_catalog.pg_get_partition_constraintdef(TG_RELID) || ' FROM (SELECT ($1).*) AS t' INTO fits USING NEW;
  IF fits THEN
    RETURN NEW;
  END IF;
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
  FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
  EXECUTE pg_catalog.format('INSERT INTO public.api_security_logs (%1$s) SELECT %1$s FROM (SELECT ($1).*) AS t', names) USING NEW;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.place_request() FROM PUBLIC;
COMMENT ON FUNCTION romashka.place_request() IS 'Puts a row that comes by the API into the partition of the present day';
$text$;
made := to_regprocedure('romashka.place_request()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'place_request', 'romashka.place_request()', wanted, now(), s.definition
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
