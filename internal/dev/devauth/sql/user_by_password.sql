-- Purpose: who has this address and this password. Parameters: $1 e-mail,
-- $2 password. Columns: id. No row if there is no such user.
SELECT id::text
  FROM auth.users
 WHERE email = lower($1::text) AND NOT is_sso_user AND deleted_at IS NULL
   AND encrypted_password <> '' AND encrypted_password = extensions.crypt($2::text, encrypted_password)
