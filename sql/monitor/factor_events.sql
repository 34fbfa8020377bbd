-- Purpose: changes and checks of second factors of the sidecar. Refused codes are rows
--   of the API log too, and are counted there.
-- Parameters: $1, $2 the span, half-open.
-- Columns: id, when, user, event, factor, address.
-- Run by: the login of background work, if it may.
SELECT event_id::text, at, user_id::text, event, COALESCE(factor_id::text, ''), COALESCE(host(address), '')
FROM romashka.factor_events
WHERE at >= $1 AND at < $2 AND event IN ('confirmed', 'removed', 'reset')
