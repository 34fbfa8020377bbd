-- function: romashka.kpi_zone(text)
-- Purpose: the zone in which days are counted: the one that is asked for, else the
--   tenant's (system_settings, time_zone), else UTC. One that is asked for and does
--   not exist is an error (22023); one that the tenant set and does not exist is UTC.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_zone(wanted text)
RETURNS text LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  tenant CONSTANT text := romashka.setting('time_zone') #>> '{}';
BEGIN
  PERFORM pg_catalog.now() AT TIME ZONE COALESCE(wanted, tenant, 'UTC');
  RETURN COALESCE(wanted, tenant, 'UTC');
EXCEPTION WHEN invalid_parameter_value THEN
  IF wanted IS NULL THEN
    RETURN 'UTC';
  END IF;
  RAISE EXCEPTION 'time zone "%" is not known', wanted
    USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one as Europe/Berlin or UTC.';
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_zone(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_zone(text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_zone(text) IS 'The zone in which days are counted';
