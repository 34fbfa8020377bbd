-- Purpose: missed conversations of each hour of the week, week by week.
-- Parameters: $1 the beginnings of weeks, and the end of the last; $2 zone.
-- Columns: weekday and hour as 100 x weekday (1 is Monday) + hour; week (1 is the
--   first); missed; those in which the customer wrote.
-- Run by: the role of romashka-db-background-uri.
SELECT (100 * EXTRACT(isodow FROM s.bucket AT TIME ZONE $2) + EXTRACT(hour FROM s.bucket AT TIME ZONE $2))::integer::text, width_bucket(s.bucket, $1::timestamptz[]),
       sum(s.late + s.unanswered)::float8, sum(s.asked)::float8
FROM romashka.kpi_sums(romashka.kpi_hours(($1::timestamptz[])[1], ($1::timestamptz[])[cardinality($1::timestamptz[])], $2), 'all', '{NULL,NULL,NULL,NULL,NULL,NULL}') AS s
GROUP BY 1, 2
ORDER BY 1, 2
