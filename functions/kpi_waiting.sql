-- function: romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)
-- depends: romashka.kpi_facts
-- Purpose: the facts, as they are now, of conversations of a half-open range that have
--   changed since the job kpi ran. One answer needs them several times, and reading
--   them is most of what changes cost: it hands them on as fresh.
-- Returns: NULL where none have changed, nothing is kept, or so many have changed that
--   they are better read again than held.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_waiting(from_at timestamptz, to_at timestamptz)
RETURNS romashka.kpi_facts[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  most    CONSTANT integer := 2000;
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
BEGIN
  IF changed IS NULL OR pg_catalog.cardinality(changed) > most OR pg_catalog.array_position(changed, NULL) IS NOT NULL
     OR NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(SELECT f FROM romashka.kpi_read_facts(changed, from_at, to_at) AS f);
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) IS 'The facts of conversations whose changes wait for the job kpi';
