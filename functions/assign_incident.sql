-- function: public.assign_incident(uuid, uuid, text)
-- Purpose: gives an incident to somebody, or to nobody (NULL).
-- Parameters: id uuid, assignee uuid, note text.
-- Result: the incident as one object.
-- Who: the caller's rights decide; an incident that he may not change is not found.
CREATE OR REPLACE FUNCTION public.assign_incident(id uuid, assignee uuid, note text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  incident public.security_incidents;
BEGIN
  PERFORM pg_catalog.set_config('romashka.incident_note', COALESCE(assign_incident.note, ''), true);
  UPDATE public.security_incidents AS i SET assigned_to = assign_incident.assignee
  WHERE i.id = assign_incident.id RETURNING i.* INTO incident;
  PERFORM pg_catalog.set_config('romashka.incident_note', '', true);
  IF incident.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'PT404', MESSAGE = 'there is no incident ' || COALESCE(assign_incident.id::text, 'without id') || ' that you may change';
  END IF;
  RETURN pg_catalog.to_jsonb(incident);
END
$$;

REVOKE ALL ON FUNCTION public.assign_incident(uuid, uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.assign_incident(uuid, uuid, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.assign_incident(uuid, uuid, text) IS 'Gives an incident to somebody, with a note for its timeline';
