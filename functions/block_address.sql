-- function: public.block_address(inet, integer, text)
-- Refuses an address or a network for a time: its requests get 403 ROM403 from
-- every sidecar within seconds, but for those of the allow-list and of the
-- service role. One that is refused already is refused for the new time.
-- Parameters: cidr, an address or network; minutes; reason.
-- Result: until when.
-- Who: admin, security_admin and service_role.
CREATE OR REPLACE FUNCTION public.block_address(cidr inet, minutes integer, reason text DEFAULT '')
RETURNS timestamptz LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT romashka.has_role('admin', 'security_admin') THEN
    RAISE EXCEPTION 'Only admins refuse addresses' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN romashka.block(cidr, minutes, reason);
END
$$;
REVOKE ALL ON FUNCTION public.block_address(inet, integer, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.block_address(inet, integer, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.block_address(inet, integer, text) IS 'Refuses an address or network for a time';
