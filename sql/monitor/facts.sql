-- Purpose: which facts the last 50,000 rows of the log have, so that a rule that
--   cannot be evaluated is not taken for one that found nothing.
-- Parameters: none.
-- Columns: requests, sign-ins, session hashes, countries, lengths, codes.
-- Run by: the login of background work.
SELECT count(*) > 0,
       COALESCE(bool_or(endpoint = '/auth/v1/token'), false),
       COALESCE(bool_or(request_headers ? 'session_hash'), false),
       COALESCE(bool_or(request_headers ? 'cf-ipcountry'), false),
       COALESCE(bool_or(response_headers ? 'content-length'), false),
       COALESCE(bool_or(endpoint LIKE '/auth/v1/factors/%' OR endpoint LIKE '/rest/v1/rpc/two\_factor\_%'), false)
FROM (SELECT endpoint, request_headers, response_headers FROM public.api_security_logs ORDER BY "timestamp" DESC LIMIT 50000) AS late
