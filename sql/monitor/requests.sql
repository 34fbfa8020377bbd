-- Purpose: rows of the API log, with the parts of their headers that the rules need.
-- Parameters: $1, $2 the span of the rows' own time, half-open.
-- Columns: see internal/security/monitor/row.go.
-- Run by: the login of background work.
SELECT id::text, "timestamp", COALESCE(user_id::text, request_headers ->> 'sub', ''), host(ip_address), COALESCE(method, ''), COALESCE(endpoint, ''),
       COALESCE(response_code, 0), COALESCE(rate_limit_hit, false),
       COALESCE(request_headers ->> 'user-agent', ''), COALESCE(request_headers ->> 'cf-ipcountry', ''), COALESCE(request_headers ->> 'grant_type', ''),
       COALESCE(request_headers ->> 'account_hash', ''), COALESCE(request_headers ->> 'session_hash', ''), COALESCE(request_headers ->> 'role', ''),
       COALESCE(request_headers ->> 'statuses', ''),
       COALESCE(response_headers ->> 'content-length', ''), COALESCE(response_headers ->> 'x-sb-error-code', ''),
       COALESCE(response_headers ->> 'refused' = 'ROM403', false)
FROM public.api_security_logs
WHERE "timestamp" >= $1 AND "timestamp" < $2
