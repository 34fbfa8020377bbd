-- Purpose: none of a user's tokens is good any more. Parameters: $1 his id.
DELETE FROM auth.one_time_tokens WHERE user_id = $1::uuid
