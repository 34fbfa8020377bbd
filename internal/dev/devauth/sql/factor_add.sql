-- Purpose: a new factor, not verified yet. Parameters: $1 user's id, $2 name,
-- $3 secret. Columns: id.
INSERT INTO auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
VALUES (gen_random_uuid(), $1::uuid, $2::text, 'totp', 'unverified', now(), now(), $3::text)
RETURNING id::text
