-- Purpose: a line of the trail for a change of somebody's factors.
-- Parameters: $1 uuid the actor or NULL, $2 uuid user, $3 text action, $4 text its object, $5 text address or '', $6 text details as JSON.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, resource_id, action, ip_address, additional_context)
VALUES ($4, $1, 'two_factor', $2::uuid::text, $3, NULLIF($5, ''), $6::jsonb)
