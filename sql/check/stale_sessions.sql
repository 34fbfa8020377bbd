-- Purpose: sessions that count as active although nobody has used them for 30 days.
-- Parameters: none. Read only.
-- Needs: public.security_sessions
SELECT 'error' AS severity, 'table public.security_sessions' AS object, 'public.security_sessions' AS relation,
       'sessions stay open long after their last use' AS fault,
       format('%s of %s active sessions unused for 30 days, the oldest for %s days', count(*) FILTER (WHERE s.stale), count(*), max(s.days) FILTER (WHERE s.stale)) AS evidence,
       'UPDATE public.security_sessions SET is_active = false, ended_at = now(), logout_reason = ''idle'' WHERE is_active AND GREATEST(last_activity, created_at) < now() - interval ''30 days'';' AS remedy
FROM (
  SELECT GREATEST(last_activity, created_at) < now() - interval '30 days' AS stale,
         extract(day FROM now() - GREATEST(last_activity, created_at))::integer AS days
  FROM public.security_sessions WHERE is_active
) AS s
HAVING count(*) FILTER (WHERE s.stale) > 0
