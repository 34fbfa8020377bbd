-- function: romashka.kpi_fill_previous(uuid[], uuid[])
-- depends: romashka.kpi_previous
-- Purpose: brings romashka.kpi_previous up to the facts. Of two conversations that began
--   at once, the one with the smaller id is before.
-- Parameters: conversations that have changed, and the customers whose they were and
--   are; NULL: all is made anew.
-- Who: the owner, as romashka.refresh_kpi() is.
CREATE OR REPLACE FUNCTION romashka.kpi_fill_previous(ids uuid[], customers uuid[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
BEGIN
  DELETE FROM romashka.kpi_previous AS p
  WHERE customers IS NULL OR p.conversation_id = ANY (ids) AND NOT EXISTS (SELECT FROM romashka.kpi_facts AS f WHERE f.conversation_id = p.conversation_id);
  INSERT INTO romashka.kpi_previous AS p
  SELECT n.* FROM (
    SELECT f.conversation_id, f.started_at, COALESCE(pg_catalog.lag(f.started_at) OVER of_all, '-infinity') AS previous_at,
           f.customer, f.channel, f.team, f.agent, f.priority, f.language,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.channel ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_channel,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.team ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_team,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.agent ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_agent,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.priority ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_priority,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.language ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_language,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer, f.channel, f.team, f.agent, f.priority, f.language
                                                       ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_same
    FROM romashka.kpi_facts AS f WHERE customers IS NULL OR f.customer = ANY (customers)
    WINDOW of_all AS (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id)
  ) AS n
  LEFT JOIN romashka.kpi_previous AS o ON o.conversation_id = n.conversation_id
  WHERE ROW (o.*) IS DISTINCT FROM ROW (n.*) -- most are as they were
  ORDER BY n.started_at, n.conversation_id -- what a page reads lies together
  ON CONFLICT (conversation_id) DO UPDATE SET started_at = EXCLUDED.started_at, previous_at = EXCLUDED.previous_at, customer = EXCLUDED.customer,
    channel = EXCLUDED.channel, team = EXCLUDED.team, agent = EXCLUDED.agent, priority = EXCLUDED.priority, language = EXCLUDED.language,
    previous_channel = EXCLUDED.previous_channel, previous_team = EXCLUDED.previous_team, previous_agent = EXCLUDED.previous_agent,
    previous_priority = EXCLUDED.previous_priority, previous_language = EXCLUDED.previous_language, previous_same = EXCLUDED.previous_same;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) IS 'When the conversation before of the same customer began';
