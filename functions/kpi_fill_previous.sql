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
  IF customers IS NULL THEN
    DELETE FROM romashka.kpi_previous;
    INSERT INTO romashka.kpi_previous
    SELECT f.conversation_id, f.started_at,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id), '-infinity')
    FROM romashka.kpi_facts AS f
    ORDER BY f.started_at, f.conversation_id; -- what a page reads lies together
    RETURN;
  END IF;
  DELETE FROM romashka.kpi_previous AS p
  WHERE p.conversation_id = ANY (ids) AND NOT EXISTS (SELECT FROM romashka.kpi_facts AS f WHERE f.conversation_id = p.conversation_id);
  INSERT INTO romashka.kpi_previous AS p
  SELECT n.* FROM (
    SELECT f.conversation_id, f.started_at,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_at
    FROM romashka.kpi_facts AS f WHERE f.customer = ANY (customers)
  ) AS n
  LEFT JOIN romashka.kpi_previous AS o ON o.conversation_id = n.conversation_id
  WHERE (o.started_at, o.previous_at) IS DISTINCT FROM (n.started_at, n.previous_at) -- most are as they were
  ON CONFLICT (conversation_id) DO UPDATE SET started_at = EXCLUDED.started_at, previous_at = EXCLUDED.previous_at;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) IS 'When the conversation before of the same customer began';
