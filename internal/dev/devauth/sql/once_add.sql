-- Purpose: a token that is good once, in place of the last one of its kind.
-- Parameters: $1 user's id, $2 kind, $3 hash, $4 the address that it goes to.
WITH sent AS (
  UPDATE auth.users
     SET confirmation_sent_at     = CASE WHEN $2::text = 'confirmation_token' THEN now() ELSE confirmation_sent_at END,
         recovery_sent_at         = CASE WHEN $2::text = 'recovery_token' THEN now() ELSE recovery_sent_at END,
         reauthentication_sent_at = CASE WHEN $2::text = 'reauthentication_token' THEN now() ELSE reauthentication_sent_at END
   WHERE id = $1::uuid
)
INSERT INTO auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
VALUES (gen_random_uuid(), $1::uuid, $2::text::auth.one_time_token_type, $3::text, $4::text, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
ON CONFLICT (user_id, token_type) DO UPDATE
   SET token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = excluded.created_at, updated_at = excluded.updated_at
