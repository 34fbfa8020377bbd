-- function: romashka.kpi_bin(bigint)
-- Purpose: the histogram's bin of a wait. Bin 0 is no wait; bin i > 0 holds waits
--   over g ^ (i - 2) and up to g ^ (i - 1) milliseconds, g = 1.02 / 0.98, so that the
--   middle of a bin (romashka.kpi_bin_wait) is within 2 % of all in it.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_bin(wait bigint)
RETURNS smallint LANGUAGE sql IMMUTABLE STRICT SECURITY INVOKER PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN wait <= 0 THEN 0 ELSE 1 + pg_catalog.ceil(pg_catalog.ln(wait::double precision) / pg_catalog.ln(1.02::double precision / 0.98)) END::smallint
$$;

REVOKE ALL ON FUNCTION romashka.kpi_bin(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_bin(bigint) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_bin(bigint) IS 'The bin of a wait';
