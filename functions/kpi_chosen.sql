-- function: romashka.kpi_chosen(text[], text[])
-- Purpose: the figures that are asked for, or else the usual ones.
-- Returns: names of romashka.kpi_catalogue; 22023 for one that is not there.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_chosen(asked text[], usual text[])
RETURNS text[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  unknown CONSTANT text := (SELECT a.name FROM unnest(asked) AS a (name)
                            WHERE a.name IS NULL OR a.name NOT IN (SELECT c.figure FROM romashka.kpi_catalogue() AS c) LIMIT 1);
BEGIN
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'no figure is called "%"', unknown USING ERRCODE = 'invalid_parameter_value', HINT = 'get_executive_dashboard gives every figure by its name.';
  END IF;
  RETURN COALESCE(asked, usual, ARRAY(SELECT c.figure FROM romashka.kpi_catalogue() AS c WHERE c.kind <> 'none'));
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_chosen(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_chosen(text[], text[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_chosen(text[], text[]) IS 'The figures that are asked for';
