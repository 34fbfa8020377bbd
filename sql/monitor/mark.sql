-- Purpose: marks the requests that an incident rests on.
-- Parameters: $1 ids; those that are no rows of the log change nothing.
-- Run by: the login of background work, in the transaction of the incidents.
UPDATE public.api_security_logs SET suspicious_activity = true WHERE id = ANY ($1::uuid[]) AND suspicious_activity IS NOT TRUE
