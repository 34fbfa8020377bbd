-- Purpose: changes and checks of second factors of the sidecar, and codes that met
--   the limit. Single refused codes are rows of the API log, and are counted there.
-- Parameters: $1, $2 the span, half-open.
-- Columns: id, when, user, event, factor, address, refused codes (of a limit; else 0).
-- Run by: the login of background work, if it may.
SELECT event_id::text, at, user_id::text, event, COALESCE(factor_id::text, ''), COALESCE(host(address), ''),
       CASE WHEN event = 'limited' AND details ->> 'count' ~ '^\d{1,6}$' THEN (details ->> 'count')::integer ELSE 0 END
FROM romashka.factor_events
WHERE at >= $1 AND at < $2 AND (event IN ('confirmed', 'removed', 'reset') OR event = 'limited' AND details ->> 'of' = 'refused')
