-- Purpose: second factors of the sidecar that were turned off. The row has its
--   last state alone, so that one which was never confirmed is left out by its
--   times.
-- Parameters: $1, $2 the span, half-open.
-- Columns: id (of the row and the moment), when, user.
-- Run by: the login of background work.
SELECT id::text || ' ' || updated_at::text, updated_at, user_id::text
FROM public.two_factor_auth
WHERE NOT enabled AND user_id IS NOT NULL AND updated_at > created_at + interval '1 second' AND updated_at >= $1 AND updated_at < $2
