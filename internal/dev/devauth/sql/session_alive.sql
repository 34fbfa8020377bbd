-- Purpose: a session that goes on. Parameters: $1 its id, $2 user's id.
-- Columns: its level of assurance. No row if it has ended.
SELECT coalesce(aal::text, 'aal1') FROM auth.sessions
 WHERE id = $1::uuid AND user_id = $2::uuid AND (not_after IS NULL OR not_after > now())
