-- Purpose: the code of the user's last sign-in of a kind. Parameters: $1 user's
-- id, $2 authentication methods that it may have. Columns: code.
UPDATE auth.flow_state SET auth_code_issued_at = now(), updated_at = now()
 WHERE id = (SELECT id FROM auth.flow_state WHERE user_id = $1::uuid AND authentication_method = ANY ($2::text[])
              ORDER BY created_at DESC LIMIT 1)
RETURNING auth_code
