-- Purpose: brings jobs into the timetable that are not there yet.
-- Parameters: $1 names, $2 how often, $3 time-outs, both in seconds.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.register_jobs($1::text[],
  ARRAY(SELECT make_interval(secs => s) FROM unnest($2::float8[]) WITH ORDINALITY AS n (s, i) ORDER BY i),
  ARRAY(SELECT make_interval(secs => s) FROM unnest($3::float8[]) WITH ORDINALITY AS n (s, i) ORDER BY i))
