-- Purpose: the time of the last row of a span of the log that is left out where one
--   reads so many rows back from its end. No row: the span has no more.
-- Parameters: $1, $2 the span, half-open; $3 how many rows.
-- Run by: the login of background work.
SELECT "timestamp" FROM public.api_security_logs
WHERE "timestamp" >= $1 AND "timestamp" < $2
ORDER BY "timestamp" DESC OFFSET $3 LIMIT 1
