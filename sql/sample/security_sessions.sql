-- Purpose: the seed's three sessions, with keys of their own, so that loading
--   them twice adds nothing.
-- Parameters: $1 uuid, the profile they belong to.
INSERT INTO public.security_sessions
  (id, user_id, session_token, ip_address, user_agent, login_method, session_duration, is_active)
VALUES
  ('5eed0001-0000-4000-8000-000000000001', $1, 'session_5eed0001-0000-4000-8000-000000000001', '192.168.1.100', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'password', '2 hours', true),
  ('5eed0001-0000-4000-8000-000000000002', $1, 'session_5eed0001-0000-4000-8000-000000000002', '192.168.1.101', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36', 'oauth', '1 hour', true),
  ('5eed0001-0000-4000-8000-000000000003', $1, 'session_5eed0001-0000-4000-8000-000000000003', '192.168.1.102', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'password', '3 hours', false)
ON CONFLICT DO NOTHING
