-- function: romashka.kpi_facts_now(timestamp with time zone, timestamp with time zone, boolean)
-- Purpose: the facts of conversations that started in a half-open range, as their
--   rows are at this moment.
-- Parameters: the range; whether open conversations alone are wanted.
-- Rows: as romashka.kpi_facts.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_facts_now(from_at timestamptz, to_at timestamptz, only_open boolean)
RETURNS SETOF romashka.kpi_facts
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' AS $$
DECLARE
  changed uuid[];
BEGIN
  SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) INTO changed FROM romashka.kpi_changes AS c;
  IF NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_read_facts(NULL, from_at, to_at) AS f WHERE NOT only_open OR f.open = 1;
    RETURN;
  END IF;
  IF only_open THEN
    RETURN QUERY SELECT * FROM romashka.kpi_facts AS f
      WHERE f.open = 1 AND f.started_at >= from_at AND f.started_at < to_at AND (changed IS NULL OR f.conversation_id <> ALL (changed));
  ELSE
    RETURN QUERY SELECT * FROM romashka.kpi_facts AS f
      WHERE f.started_at >= from_at AND f.started_at < to_at AND (changed IS NULL OR f.conversation_id <> ALL (changed));
  END IF;
  IF changed IS NOT NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_read_facts(changed, from_at, to_at) AS f WHERE NOT only_open OR f.open = 1;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_facts_now(timestamptz, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_facts_now(timestamptz, timestamptz, boolean) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_facts_now(timestamptz, timestamptz, boolean) IS 'The facts of conversations at this moment';
