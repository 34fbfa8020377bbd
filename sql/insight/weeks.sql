-- Purpose: what the figures of weeks are made of, for the parts of a dimension that
--   had most conversations of late.
-- Parameters: $1 the beginnings of weeks, and the end of the last; $2 all, channel,
--   team, topic or reason; $3 how many parts; $4 from which week on they are ranked.
-- Columns: value, week (1 is the first), then sums as in romashka.kpi_cells.
-- Run by: the role of romashka-db-background-uri.
WITH sums AS MATERIALIZED (
  SELECT s.*, array_position($1::timestamptz[], s.bucket) AS week
  FROM romashka.kpi_sums($1::timestamptz[], $2, '{NULL,NULL,NULL,NULL,NULL,NULL}') AS s WHERE s.conversations > 0
), chosen AS (
  SELECT s.value FROM sums AS s WHERE s.week >= $4::integer AND s.value NOT IN ('none', 'unknown', 'not stated')
  GROUP BY s.value ORDER BY sum(s.conversations) DESC, s.value LIMIT $3::integer
)
SELECT s.value, s.week, s.conversations::float8, (s.late + s.unanswered)::float8, s.asked::float8, s.resolved::float8, s.ai_resolved::float8,
       s.ai_involved::float8, s.handoffs::float8, s.ratings_good::float8, s.ratings::float8, s.ai_confirmed::float8, s.ai_judged::float8,
       s.response_ms / 1000.0::float8, s.answered::float8, s.ai_unsure::float8, s.ai_answers::float8
FROM sums AS s JOIN chosen AS c USING (value)
ORDER BY s.value, s.week
