-- Lists incidents that may set something off: those that are not settled.
-- Input: $1 their ids.
-- Returns: id, rule, severity, title, description, user or '', address or '', session_hash or ''.
-- Run by: the login of background work, in the transaction of the incidents.
SELECT i.id::text, COALESCE(i.detection_method, ''), i.severity, COALESCE(i.title, ''), COALESCE(i.description, ''), COALESCE(i.user_id::text, ''),
       COALESCE(host(i.ip_address), ''), COALESCE(i.metadata ->> 'session', '')
FROM public.security_incidents AS i
WHERE i.id = ANY ($1::uuid[]) AND i.status NOT IN ('resolved', 'closed', 'false_positive')
ORDER BY i.detected_at, i.id
