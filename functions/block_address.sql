-- function: public.block_address(inet, integer, text)
-- Refuses an address or a network for a time: its requests get 403 ROM403 from
-- every sidecar within seconds, but for those of the allow-list and of the
-- service role. One that is refused already is refused for the new time.
-- Parameters: cidr, an address or network; minutes; reason.
-- Result: until when.
-- Who: admin, security_admin and service_role. The body is bound when the function
--   is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.block_address(cidr inet, minutes integer, reason text DEFAULT '')
RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.block_by_admin(block_address.cidr, block_address.minutes, block_address.reason);
END;
REVOKE ALL ON FUNCTION public.block_address(inet, integer, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.block_address(inet, integer, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.block_address(inet, integer, text) IS 'Refuses an address or network for a time';
