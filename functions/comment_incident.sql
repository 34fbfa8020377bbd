-- function: public.comment_incident(uuid, text)
-- Purpose: adds a note to the timeline of an incident.
-- Parameters: id uuid, note text.
-- Result: the incident as one object.
-- Who: the caller's rights decide; an incident that he may not change is not found.
CREATE OR REPLACE FUNCTION public.comment_incident(id uuid, note text)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  incident public.security_incidents;
BEGIN
  PERFORM pg_catalog.set_config('romashka.incident_note', COALESCE(comment_incident.note, ''), true);
  UPDATE public.security_incidents AS i SET status = i.status
  WHERE i.id = comment_incident.id RETURNING i.* INTO incident;
  PERFORM pg_catalog.set_config('romashka.incident_note', '', true);
  IF incident.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'PT404', MESSAGE = 'there is no incident ' || COALESCE(comment_incident.id::text, 'without id') || ' that you may change';
  END IF;
  RETURN pg_catalog.to_jsonb(incident);
END
$$;

REVOKE ALL ON FUNCTION public.comment_incident(uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.comment_incident(uuid, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.comment_incident(uuid, text) IS 'Adds a note to the timeline of an incident';
