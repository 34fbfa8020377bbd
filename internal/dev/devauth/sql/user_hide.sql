-- Purpose: a user who is deleted for all but those whose rows name him: his
-- address is free for another, he cannot come back. Parameters: $1 id.
WITH sessions AS (DELETE FROM auth.sessions WHERE user_id = $1::uuid),
     factors AS (DELETE FROM auth.mfa_factors WHERE user_id = $1::uuid),
     tokens AS (DELETE FROM auth.one_time_tokens WHERE user_id = $1::uuid),
     identities AS (DELETE FROM auth.identities WHERE user_id = $1::uuid)
UPDATE auth.users
   SET email = encode(sha256(convert_to(id::text || coalesce(email, ''), 'UTF8')), 'hex'), phone = NULL, encrypted_password = '',
       email_change = '', phone_change = '', raw_user_meta_data = '{}', deleted_at = now(), updated_at = now()
 WHERE id = $1::uuid
