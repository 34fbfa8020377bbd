-- function: public.resolve_incident(uuid, text)
-- Purpose: short for set_incident_status(id, 'resolved', note).
-- Parameters: id; note, may be NULL.
-- Result: as of set_incident_status.
-- Who: the caller's rights decide.
CREATE OR REPLACE FUNCTION public.resolve_incident(id uuid, note text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RETURN public.set_incident_status($1, 'resolved', $2);
END
$$;

REVOKE ALL ON FUNCTION public.resolve_incident(uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.resolve_incident(uuid, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.resolve_incident(uuid, text) IS 'Settles an incident, with a note for its timeline';
