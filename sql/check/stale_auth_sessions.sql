-- Purpose: sessions of Supabase's Auth that could still be refreshed although
-- nobody has for 90 days.
-- Parameters: none. Read only.
-- Needs: auth.sessions
SELECT 'warning' AS severity, 'table auth.sessions' AS object, 'auth.sessions' AS relation,
       'sessions of the Auth service have no end' AS fault,
       format('%s of %s sessions not refreshed for 90 days', count(*) FILTER (WHERE s.used < now() - interval '90 days'), count(*)) AS evidence,
       'set an inactivity timeout in the project''s Auth settings; DELETE FROM auth.sessions WHERE COALESCE(refreshed_at AT TIME ZONE ''UTC'', updated_at, created_at) < now() - interval ''90 days'';' AS remedy
FROM (
  SELECT COALESCE(refreshed_at AT TIME ZONE 'UTC', updated_at, created_at) AS used
  FROM auth.sessions WHERE not_after IS NULL OR not_after > now()
) AS s
HAVING count(*) FILTER (WHERE s.used < now() - interval '90 days') > 0
