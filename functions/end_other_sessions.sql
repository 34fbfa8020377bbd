-- function: public.end_other_sessions()
-- Ends all sessions of the caller but the one that he asks with. Their tokens are
-- refused within seconds. Returns how many.
CREATE OR REPLACE FUNCTION public.end_other_sessions()
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  mine    CONSTANT uuid := (SELECT auth.uid());
  claim   CONSTANT text := (SELECT auth.jwt()) ->> 'session_id';
  current uuid;
BEGIN
  IF mine IS NULL OR claim IS NULL THEN
    RAISE EXCEPTION 'The request has no session' USING ERRCODE = 'PT400', HINT = 'Ask with the access token of a signed-in user.';
  END IF;
  BEGIN
    current := claim::uuid;
  EXCEPTION WHEN invalid_text_representation THEN
    RAISE EXCEPTION 'The request has no session' USING ERRCODE = 'PT400', HINT = 'The claim session_id is no UUID.';
  END;
  RETURN romashka.sign_out(current, mine, 'others');
END
$$;
REVOKE ALL ON FUNCTION public.end_other_sessions() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_other_sessions() TO authenticated, service_role;
COMMENT ON FUNCTION public.end_other_sessions() IS 'Ends all sessions of the caller but the one that asks';
