-- function: public.unblock_address(inet)
-- Serves an address or a network again that block_address has refused.
-- Parameters: cidr, as it was refused.
-- Result: whether it was refused.
-- Who: admin, security_admin and service_role.
CREATE OR REPLACE FUNCTION public.unblock_address(cidr inet)
RETURNS boolean LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.unblock_by_admin(unblock_address.cidr);
END;
REVOKE ALL ON FUNCTION public.unblock_address(inet) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.unblock_address(inet) TO authenticated, service_role;
COMMENT ON FUNCTION public.unblock_address(inet) IS 'Serves a refused address or network again';
