-- Purpose: take a token that is good once: the second who comes with it finds
-- none. Parameters: $1 hashes that it may have, $2 kinds that it may be of, $3
-- seconds that it lives. Columns: user's id, kind, hash, whether it was in time.
DELETE FROM auth.one_time_tokens
 WHERE token_hash = ANY ($1::text[]) AND token_type::text = ANY ($2::text[])
RETURNING user_id::text, token_type::text, token_hash, created_at + make_interval(secs => $3::double precision) > now() AT TIME ZONE 'UTC'
