-- Purpose: conversations by channel and hour of the tenant's clock. An hour that
--   comes twice, when clocks go back, is one hour.
-- Parameters: $1 time zone, $2 from, $3 until (not included).
-- Columns: channel, hour (by that clock), n.
-- Run by: the role of romashka-db-background-uri.
--
-- Read again are the conversations that changed since the job kpi last ran: the
-- others stand in the cells of hours, which it keeps. If there are no cells yet,
-- or theirs are not the hours of this clock (of Lord Howe Island, say, which
-- moves its clocks by half an hour), all conversations are counted.
WITH kept AS MATERIALIZED (
  SELECT FROM romashka.kpi_state AS s
  WHERE s.ready AND NOT EXISTS (SELECT FROM romashka.kpi_changes AS c WHERE c.conversation_id IS NULL)
    AND NOT EXISTS (SELECT FROM romashka.kpi_cells AS c
                    WHERE c.grain = 'h' AND c.level = 'all' AND EXTRACT(minute FROM c.bucket AT TIME ZONE $1) <> 0)
), changed AS MATERIALIZED (
  SELECT DISTINCT c.conversation_id AS id FROM romashka.kpi_changes AS c WHERE EXISTS (SELECT FROM kept)
), part AS (
  SELECT c.value AS channel, c.bucket AS at, c.conversations AS n
  FROM romashka.kpi_cells AS c
  WHERE c.grain = 'h' AND c.level = 'channel' AND c.bucket >= $2 AND c.bucket < $3 AND EXISTS (SELECT FROM kept)
  UNION ALL
  SELECT f.channel, f.started_at, -1
  FROM changed AS x JOIN romashka.kpi_facts AS f ON f.conversation_id = x.id
  WHERE f.started_at >= $2 AND f.started_at < $3
  UNION ALL
  SELECT COALESCE(NULLIF(c.channel_type, ''), 'unknown'), c.created_at, 1
  FROM changed AS x JOIN public.conversations AS c ON c.id = x.id
  WHERE c.created_at >= $2 AND c.created_at < $3
  UNION ALL
  SELECT COALESCE(NULLIF(c.channel_type, ''), 'unknown'), c.created_at, 1
  FROM public.conversations AS c
  WHERE c.created_at >= $2 AND c.created_at < $3 AND NOT EXISTS (SELECT FROM kept)
)
SELECT COALESCE(NULLIF(p.channel, ''), 'unknown') AS channel, date_trunc('hour', p.at AT TIME ZONE $1) AS hour, sum(p.n)::bigint AS n
FROM part AS p
GROUP BY 1, 2
HAVING sum(p.n) > 0
ORDER BY 2, 1
