-- function: public.reopen_incident(uuid, text)
-- Purpose: short for set_incident_status(id, 'open', note).
-- Parameters: id; note, may be NULL.
-- Result: as of set_incident_status.
-- Who: the caller's rights decide.
CREATE OR REPLACE FUNCTION public.reopen_incident(id uuid, note text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RETURN public.set_incident_status($1, 'open', $2);
END
$$;

REVOKE ALL ON FUNCTION public.reopen_incident(uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.reopen_incident(uuid, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.reopen_incident(uuid, text) IS 'Opens a settled incident again, with a note for its timeline';
