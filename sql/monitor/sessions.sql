-- Purpose: sessions that began.
-- Parameters: $1, $2 the span, half-open.
-- Columns: see internal/security/monitor/row.go.
-- Run by: the login of background work.
SELECT id::text, created_at, COALESCE(user_id::text, ''), host(ip_address), COALESCE(user_agent, ''),
       COALESCE(geolocation ->> 'country', ''), COALESCE(geolocation ->> 'latitude', ''), COALESCE(geolocation ->> 'longitude', '')
FROM public.security_sessions
WHERE created_at >= $1 AND created_at < $2
