-- function: romashka.journey_settings()
-- Purpose: the settings that the stages of customers depend on, beside their
--   conversations, as one text: kept rows of another text are made anew.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.journey_settings()
RETURNS text LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT pg_catalog.md5(pg_catalog.jsonb_build_array(1, romashka.setting('kpi_targets') -> 'journey')::text)
$$;

REVOKE ALL ON FUNCTION romashka.journey_settings() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.journey_settings() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.journey_settings() IS 'What stages depend on beside conversations';
