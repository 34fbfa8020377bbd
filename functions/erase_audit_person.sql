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
