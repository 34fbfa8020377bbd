-- function: public.end_session(uuid)
-- Ends a session of security_sessions, with the caller's rights: one's own, or,
-- for admin and security_admin, anybody's. Its tokens are refused within seconds.
-- Returns whether it was active. 404 for one that the caller does not see.
CREATE OR REPLACE FUNCTION public.end_session(id uuid)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  UPDATE public.security_sessions AS r
  SET is_active = false, logout_reason = CASE WHEN r.user_id = (SELECT auth.uid()) THEN 'ended by its user' ELSE 'ended by an admin' END
  WHERE r.id = end_session.id AND r.is_active;
  IF FOUND THEN
    RETURN true;
  END IF;
  IF NOT EXISTS (SELECT FROM public.security_sessions AS r WHERE r.id = end_session.id) THEN
    RAISE EXCEPTION 'There is no such session' USING ERRCODE = 'PT404';
  END IF;
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION public.end_session(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.end_session(uuid) TO authenticated, service_role;
COMMENT ON FUNCTION public.end_session(uuid) IS 'Ends a session: its tokens are refused within seconds';
