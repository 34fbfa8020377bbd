-- Written by `make generate` from functions/erase_audit_person.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:c6857d0e0f12c6c13862ac77c74858bcbb1af709d4f2d9b9bfea036f338068f8' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.erase_audit_person(uuid)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'erase_audit_person' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'erase_audit_person' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.erase_audit_person(uuid)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.erase_audit_person(uuid)
-- Purpose: erases the personal part of every line of security_audit_logs that is of
--   a person or about one, with its salt. The chain holds, and a line tells of it.
-- Parameters: the user's id.
-- Rows: how many lines; 0 where none is left.
-- Who: the owner alone: nobody erases lines about himself.
CREATE OR REPLACE FUNCTION romashka.erase_audit_person(person uuid)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  lines   uuid[];
  told_by uuid;
  n       integer;
BEGIN
  LOOP
    SELECT s.sealed INTO n FROM romashka.seal_audit() AS s;
    EXIT WHEN n = 0;
  END LOOP;
  lines := ARRAY(
    SELECT c.line_id FROM romashka.audit_chain AS c JOIN public.security_audit_logs AS l ON l.id = c.line_id
    WHERE c.salt IS NOT NULL AND (l.user_id = person OR l.customer_id = person OR l.resource_id = person::text
      OR person::text IN (l.old_values ->> 'user_id', l.new_values ->> 'user_id', l.old_values ->> 'id', l.new_values ->> 'id')));
  IF lines = '{}' THEN
    RETURN 0;
  END IF;
  INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, action)
  VALUES ('audit_erasure', NULL, 'security_audit_logs', 'erase ' || pg_catalog.cardinality(lines)) RETURNING id INTO told_by;
  UPDATE public.security_audit_logs AS l
  SET user_id = NULL, customer_id = NULL, resource_id = NULL, old_values = NULL, new_values = NULL, ip_address = NULL, user_agent = NULL,
      session_id = NULL, geolocation = NULL, failure_reason = NULL, additional_context = NULL
  WHERE l.id = ANY (lines);
  UPDATE romashka.audit_chain AS c SET salt = NULL, erased_by = told_by WHERE c.line_id = ANY (lines);
  PERFORM romashka.seal_audit();
  RETURN pg_catalog.cardinality(lines);
END
$$;

REVOKE ALL ON FUNCTION romashka.erase_audit_person(uuid) FROM PUBLIC;
COMMENT ON FUNCTION romashka.erase_audit_person(uuid) IS 'Erases the personal part of the lines of the trail about a person';
$text$;
made := to_regprocedure('romashka.erase_audit_person(uuid)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'erase_audit_person', 'romashka.erase_audit_person(uuid)', wanted, now(), s.definition
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
