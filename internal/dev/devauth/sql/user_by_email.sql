-- Purpose: who has this address. Parameters: $1 e-mail. Columns: id. No row if
-- nobody has.
SELECT id::text FROM auth.users WHERE email = lower($1::text) AND NOT is_sso_user AND deleted_at IS NULL
