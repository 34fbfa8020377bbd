-- Writes a batch of requests to the API security log. A row that is sent again,
-- because nobody saw whether it arrived, has the id that it had before.
-- Input: COPY's text format, see internal/edge/apilog/line.go.
-- Run by: the role of romashka-db-background-uri. It must own the table, or
-- have BYPASSRLS: COPY does not ask policies.
COPY public.api_security_logs (
  id, user_id, endpoint, method, ip_address, request_size, response_code, response_time_ms,
  rate_limit_hit, suspicious_activity, request_headers, response_headers, "timestamp")
FROM STDIN
