-- Purpose: ends sessions that nobody used for 30 days.
-- Parameters: none. Read only: it gives statements and carries none out.
-- Columns: object, statement, undo.
SELECT 'table public.security_sessions' AS object,
       format('UPDATE public.security_sessions SET is_active = false, ended_at = now(), logout_reason = ''idle'' WHERE id = ANY (%L::uuid[])', array_agg(s.id)) AS statement,
       format('UPDATE public.security_sessions SET is_active = true, ended_at = NULL, logout_reason = NULL WHERE id = ANY (%L::uuid[])', array_agg(s.id)) AS undo
FROM (SELECT id FROM public.security_sessions WHERE is_active AND GREATEST(last_activity, created_at) < now() - interval '30 days' LIMIT 100000) AS s
HAVING count(*) > 0
