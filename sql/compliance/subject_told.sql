-- Purpose: a line of the trail where no request could be tied to what was done, since
-- the database has no requests with a due day.
-- Parameters: $1 action (export, erase), $2 boolean complete, $3 json of figures,
-- without a value of the person's.
INSERT INTO public.security_audit_logs (event_type, resource_type, action, success, additional_context)
VALUES ('data_subject_request', 'data_subject_requests', $1::text, $2::boolean, $3::text::jsonb)
