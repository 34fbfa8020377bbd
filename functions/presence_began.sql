-- function: romashka.presence_began()
-- Purpose: from when on romashka.presence has who was online.
-- Who: signed-in users; it tells nothing of anybody.
CREATE OR REPLACE FUNCTION romashka.presence_began()
RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT s.presence_since FROM romashka.kpi_state AS s
$$;

REVOKE ALL ON FUNCTION romashka.presence_began() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.presence_began() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.presence_began() IS 'From when on it is recorded who was online';
