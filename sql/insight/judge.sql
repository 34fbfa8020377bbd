-- Purpose: notes that a week was judged, and the result.
-- Parameters: $1 its Monday, $2 tests of changes, $3 changes told, $4 tests of
--   differences, $5 recommendations told.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO romashka.insight_weeks (week, change_tests, changes, difference_tests, recommendations) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (week) DO NOTHING
