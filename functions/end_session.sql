-- function: public.end_session(uuid)
-- Ends a session of security_sessions: one's own, or, for admin and
-- security_admin, anybody's. Its tokens are refused within seconds. Returns
-- whether it was active. 404 for one that the caller may not see.
CREATE OR REPLACE FUNCTION public.end_session(id uuid)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  mine   CONSTANT uuid := (SELECT auth.uid());
  known  public.security_sessions;
BEGIN
  SELECT * INTO known FROM public.security_sessions AS r WHERE r.id = end_session.id FOR UPDATE;
  IF NOT FOUND OR caller = 'anon'
     OR caller = 'authenticated' AND known.user_id IS DISTINCT FROM mine AND NOT romashka.has_role('admin', 'security_admin') THEN
    RAISE EXCEPTION 'There is no such session' USING ERRCODE = 'PT404';
  END IF;
  IF known.is_active IS FALSE THEN
    RETURN false;
  END IF;
  UPDATE public.security_sessions AS r
  SET is_active = false, logout_reason = CASE WHEN known.user_id = mine THEN 'ended by its user' ELSE 'ended by an admin' END
  WHERE r.id = known.id;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION public.end_session(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_session(uuid) TO authenticated, service_role;
COMMENT ON FUNCTION public.end_session(uuid) IS 'Ends a session: its tokens are refused within seconds';
