-- function: public.get_blocked_addresses()
-- Purpose: the addresses and networks that are refused, longest first.
-- Rows: network, since and until when, reason, incident_id that set it off.
-- Who: security:read or security:write, so admin and security_admin, and service_role;
--   others get no row. The body is bound when the function is made, so that the
--   caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_blocked_addresses()
RETURNS TABLE (network cidr, blocked_at timestamptz, blocked_until timestamptz, reason text, incident_id uuid)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT b.network, b.blocked_at, b.blocked_until, b.reason, b.incident_id FROM romashka.blocked_for_admin() AS b;
END;

REVOKE ALL ON FUNCTION public.get_blocked_addresses() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_blocked_addresses() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_blocked_addresses() IS 'The addresses and networks that are refused';
