-- Writes a batch of requests to the API security log, one row for each place
-- in the arrays. A subject that is no profile's id leaves user_id empty: the
-- column refers to profiles. A batch that is sent again, because nobody saw
-- whether it arrived, changes nothing.
-- Parameters: endpoints, methods, subjects, addresses, request sizes in bytes,
-- statuses, milliseconds, refused by a rate limit, request and response headers
-- as JSON text, times, ids.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO public.api_security_logs (
  endpoint, method, user_id, ip_address, request_size, response_code, response_time_ms,
  rate_limit_hit, suspicious_activity, request_headers, response_headers, "timestamp", id)
SELECT e.endpoint, e.method, p.id, e.address::inet, e.size, e.status, e.ms,
  e.limited, false, e.request_headers::jsonb, e.response_headers::jsonb, e.at, e.id
FROM unnest(
  $1::text[], $2::text[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::int[],
  $8::bool[], $9::text[], $10::text[], $11::timestamptz[], $12::uuid[]
) AS e(endpoint, method, subject, address, size, status, ms, limited, request_headers, response_headers, at, id)
LEFT JOIN public.profiles AS p ON p.id = e.subject
ON CONFLICT DO NOTHING
