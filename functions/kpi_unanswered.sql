-- function: romashka.kpi_unanswered(timestamp with time zone, timestamp with time zone, romashka.kpi_facts[])
-- Purpose: the facts of conversations that started in a half-open range and whose
--   customer waits for a first answer, open and for less than three hours: not missed yet.
-- Parameters: the range; fresh, see romashka.kpi_waiting.
-- Rows: as romashka.kpi_facts, at this moment.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_unanswered(from_at timestamptz, to_at timestamptz, fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS SETOF romashka.kpi_facts
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' AS $$
DECLARE
  since   CONSTANT timestamptz := pg_catalog.now() - interval '3 hours';
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
BEGIN
  IF NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_read_facts(NULL, from_at, to_at) AS f WHERE f.unanswered = 1 AND f.open = 1 AND f.asked_at > since;
    RETURN;
  END IF;
  RETURN QUERY SELECT * FROM romashka.kpi_facts AS f
    WHERE f.unanswered = 1 AND f.open = 1 AND f.asked_at > since AND f.started_at >= from_at AND f.started_at < to_at
      AND (changed IS NULL OR f.conversation_id <> ALL (changed));
  IF changed IS NOT NULL THEN
    RETURN QUERY SELECT * FROM romashka.kpi_fresh(changed, from_at, to_at, fresh) AS f WHERE f.unanswered = 1 AND f.open = 1 AND f.asked_at > since;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_unanswered(timestamptz, timestamptz, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_unanswered(timestamptz, timestamptz, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_unanswered(timestamptz, timestamptz, romashka.kpi_facts[]) IS 'Conversations that wait for a first answer';
