-- Purpose: whether a session goes on. Parameters: $1 its id, $2 user's id.
SELECT EXISTS (
  SELECT FROM auth.sessions
   WHERE id = $1::uuid AND user_id = $2::uuid AND (not_after IS NULL OR not_after > now()))
