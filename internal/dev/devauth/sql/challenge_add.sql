-- Purpose: a factor is asked for. Parameters: $1 its id, $2 client's address.
-- Columns: the challenge's id. Two at the same microsecond do not meet: the
-- factor is locked.
WITH challenged AS (
  UPDATE auth.mfa_factors SET last_challenged_at = clock_timestamp() WHERE id = $1::uuid
)
INSERT INTO auth.mfa_challenges (id, factor_id, created_at, ip_address)
VALUES (gen_random_uuid(), $1::uuid, now(), coalesce($2::text, '127.0.0.1')::inet)
RETURNING id::text
