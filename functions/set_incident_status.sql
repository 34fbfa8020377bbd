-- function: public.set_incident_status(uuid, text, text)
-- Purpose: moves an incident to a state: open, investigating, contained, resolved,
--   closed or false_positive. The step, with who, when and the note, is a line of
--   security_incident_timeline.
-- Parameters: id; status; note, may be NULL.
-- Result: the incident as one object, with allow: for a false positive the entry of
--   the allow-list (system_settings, key detection) that would have prevented it.
-- Who: the caller's rights decide; an incident that he may not change is not found.
CREATE OR REPLACE FUNCTION public.set_incident_status(id uuid, status text, note text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  incident public.security_incidents;
BEGIN
  PERFORM pg_catalog.set_config('romashka.incident_note', COALESCE(set_incident_status.note, ''), true);
  UPDATE public.security_incidents AS i SET status = set_incident_status.status
  WHERE i.id = set_incident_status.id RETURNING i.* INTO incident;
  PERFORM pg_catalog.set_config('romashka.incident_note', '', true);
  IF incident.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'PT404', MESSAGE = 'there is no incident ' || COALESCE(set_incident_status.id::text, 'without id') || ' that you may change';
  END IF;
  RETURN pg_catalog.to_jsonb(incident) || pg_catalog.jsonb_build_object('allow',
    CASE incident.status WHEN 'false_positive' THEN public.incident_allow_entry(incident) END);
END
$$;

REVOKE ALL ON FUNCTION public.set_incident_status(uuid, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.set_incident_status(uuid, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.set_incident_status(uuid, text, text) IS 'Moves an incident to another state, with a note for its timeline';
