-- function: romashka.kpi_cube(text, text[])
-- Purpose: the level of romashka.kpi_cubes that answers a question.
-- Parameters: by_level and filters as those of romashka.kpi_sums.
-- Returns: NULL where it takes two of agent, topic, tag and reason.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_cube(by_level text, filters text[])
RETURNS text LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT CASE WHEN count(DISTINCT n.level) = 0 THEN 'all' WHEN count(DISTINCT n.level) = 1 THEN min(n.level) END
  FROM (VALUES (CASE WHEN by_level IN ('agent', 'topic', 'tag', 'reason') THEN by_level END),
    (CASE WHEN filters[3] IS NOT NULL THEN 'agent' END), (CASE WHEN filters[6] IS NOT NULL THEN 'topic' END)) AS n (level)
$$;

REVOKE ALL ON FUNCTION romashka.kpi_cube(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_cube(text, text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_cube(text, text[]) IS 'The level of cubes that answers a question';
