-- function: public.end_other_sessions()
-- Ends all sessions of the caller but the one that he asks with. Their tokens are
-- refused within seconds. Returns how many. The body is bound when the function
-- is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.end_other_sessions()
RETURNS integer LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.sign_out_others();
END;
REVOKE ALL ON FUNCTION public.end_other_sessions() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_other_sessions() TO authenticated, service_role;
COMMENT ON FUNCTION public.end_other_sessions() IS 'Ends all sessions of the caller but the one that asks';
