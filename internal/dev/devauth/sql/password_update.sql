-- Purpose: another password. Parameters: $1 id, $2 password. Changes no row
-- if it is the one that the user has.
UPDATE auth.users
   SET encrypted_password = extensions.crypt($2::text, extensions.gen_salt('bf', 10)), updated_at = now()
 WHERE id = $1::uuid
   AND (encrypted_password IS NULL OR encrypted_password = ''
        OR encrypted_password <> extensions.crypt($2::text, encrypted_password))
