-- function: romashka.kpi_open_now()
-- Purpose: the open conversations of this moment, and since when their customers wait;
--   of what is kept an index alone answers.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_open_now()
RETURNS TABLE (channel text, team text, agent text, priority text, language text, waiting_since timestamptz)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' AS $$
DECLARE
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
BEGIN
  IF NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
      FROM romashka.kpi_read_facts(NULL, '-infinity', 'infinity') AS f WHERE f.open = 1;
    RETURN;
  END IF;
  RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
    FROM romashka.kpi_facts AS f
    WHERE f.open = 1 AND f.started_at > '-infinity' AND (changed IS NULL OR f.conversation_id <> ALL (changed));
  IF changed IS NOT NULL THEN
    RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
      FROM romashka.kpi_read_facts(changed, '-infinity', 'infinity') AS f WHERE f.open = 1;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_open_now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_open_now() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_open_now() IS 'The open conversations of this moment';
