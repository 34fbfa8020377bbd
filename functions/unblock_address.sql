-- function: public.unblock_address(inet)
-- Serves an address or a network again that block_address has refused.
-- Parameters: cidr, as it was refused.
-- Result: whether it was refused.
-- Who: admin, security_admin and service_role.
CREATE OR REPLACE FUNCTION public.unblock_address(cidr inet)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  until  timestamptz;
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT romashka.has_role('admin', 'security_admin') THEN
    RAISE EXCEPTION 'Only admins serve refused addresses again' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM romashka.blocked_addresses AS b WHERE b.network = pg_catalog.network(unblock_address.cidr) RETURNING b.blocked_until INTO until;
  RETURN COALESCE(until > pg_catalog.now(), false);
END
$$;
REVOKE ALL ON FUNCTION public.unblock_address(inet) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.unblock_address(inet) TO authenticated, service_role;
COMMENT ON FUNCTION public.unblock_address(inet) IS 'Serves a refused address or network again';
