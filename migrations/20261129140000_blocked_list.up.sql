-- An admin could refuse an address and serve it again, and nowhere see over the API
-- which ones are refused: the list is nobody's but the owner's.
--
-- Mend: blocked_for_admin shows it to those who may change it, and to who sees what
-- such addresses have done.
CREATE OR REPLACE FUNCTION romashka.blocked_for_admin()
RETURNS TABLE (network cidr, blocked_at timestamptz, blocked_until timestamptz, reason text, incident_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_any_permission('security:read', 'security:write') AND romashka.second_factor_passed()) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT b.network, b.blocked_at, b.blocked_until, b.reason, b.incident_id
  FROM romashka.blocked_addresses AS b WHERE b.blocked_until > pg_catalog.now()
  ORDER BY b.blocked_until DESC, b.network LIMIT 1000;
END
$$;
REVOKE ALL ON FUNCTION romashka.blocked_for_admin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.blocked_for_admin() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.blocked_for_admin() IS 'The refused addresses, for who has security:read or security:write';
