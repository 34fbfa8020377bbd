-- Purpose: whether a week was judged.
-- Parameters: $1 its Monday.
-- Run by: the role of romashka-db-background-uri.
SELECT EXISTS (SELECT FROM romashka.insight_weeks AS w WHERE w.week = $1)
