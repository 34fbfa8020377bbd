-- Lists sessions, the last used first.
-- Input: $1 a user's id or email address, '' for all; $2 whether ended ones, too; $3 at most so many.
-- Returns: one JSON object a row.
-- Run by: the login of the command line.
SELECT jsonb_build_object('id', s.id, 'user_id', s.user_id, 'email', p.email, 'ip_address', host(s.ip_address), 'user_agent', s.user_agent,
  'login_method', s.login_method, 'created_at', s.created_at, 'last_activity', s.last_activity, 'is_active', s.is_active,
  'ended_at', s.ended_at, 'logout_reason', s.logout_reason)
FROM public.security_sessions AS s LEFT JOIN public.profiles AS p ON p.id = s.user_id
WHERE ($1 = '' OR s.user_id::text = lower($1) OR lower(p.email) = lower($1)) AND ($2 OR s.is_active IS NOT FALSE)
ORDER BY s.last_activity DESC NULLS LAST LIMIT $3
