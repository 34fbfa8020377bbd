-- Purpose: a sign-in that is done, and those that nobody will end. Parameters:
-- $1 id.
DELETE FROM auth.flow_state WHERE id = $1::uuid OR created_at < now() - interval '1 day'
