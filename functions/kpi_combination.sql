-- function: romashka.kpi_combination(text, text, text, text)
-- Purpose: channel, team, priority and language as one number, by which indexes of
--   romashka.kpi_facts and romashka.kpi_cubes find them.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_combination(channel text, team text, priority text, language text)
RETURNS bigint LANGUAGE sql IMMUTABLE SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT ('x' || pg_catalog.left(pg_catalog.md5(channel || E'\x1f' || team || E'\x1f' || priority || E'\x1f' || language), 16))::bit(64)::bigint
$$;

REVOKE ALL ON FUNCTION romashka.kpi_combination(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_combination(text, text, text, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_combination(text, text, text, text) IS 'Channel, team, priority and language as one number';
