-- function: romashka.kpi_depends()
-- Purpose: what facts of conversations are made by beside their rows: the zone, business
--   hours, holidays and targets, and the number of the way they are made in, which grows
--   when it changes. What is kept holds while this is as it was then.
-- Returns: 32 hexadecimal digits.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_depends()
RETURNS text LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  holidays CONSTANT jsonb := romashka.setting('holidays');
BEGIN
  RETURN pg_catalog.md5(pg_catalog.jsonb_build_array(3, romashka.kpi_zone(NULL), romashka.setting('business_hours'),
    CASE pg_catalog.jsonb_typeof(holidays) WHEN 'object' THEN holidays - 'campaigns' ELSE holidays END, romashka.setting('kpi_targets'))::text);
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_depends() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_depends() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_depends() IS 'What kept facts of conversations rest on beside their rows';
