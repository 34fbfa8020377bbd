-- function: romashka.is_number(jsonb, numeric, numeric)
-- Purpose: reports whether a JSON value is a number between two others, both
--   included; NULL is no bound.
-- Who: the owner, by way of setting_fault; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.is_number(value jsonb, least_value numeric, most_value numeric)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN pg_catalog.jsonb_typeof(value) = 'number'
    THEN COALESCE(value::numeric >= least_value, true) AND COALESCE(value::numeric <= most_value, true)
    ELSE false END
$$;

REVOKE ALL ON FUNCTION romashka.is_number(jsonb, numeric, numeric) FROM PUBLIC;
COMMENT ON FUNCTION romashka.is_number(jsonb, numeric, numeric) IS 'Whether a JSON value is a number between two others';
