-- Purpose: what the project's server changes of a user. Parameters: $1 id, $2
-- password ('' = as it is), $3 the user's metadata, $4 the project's, each laid
-- over the old, $5 role, $6 phone ('' = as they are), $7 and $8 whether address
-- and phone are confirmed now, $9 for how long he is banned: NULL = as it is, 0
-- = not at all.
UPDATE auth.users
   SET encrypted_password = CASE WHEN $2::text = '' THEN encrypted_password ELSE extensions.crypt($2::text, extensions.gen_salt('bf', 10)) END,
       raw_user_meta_data = jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}') || $3::jsonb),
       raw_app_meta_data = jsonb_strip_nulls(coalesce(raw_app_meta_data, '{}') || $4::jsonb),
       role = coalesce(nullif($5::text, ''), role),
       phone = coalesce(nullif($6::text, ''), phone),
       email_confirmed_at = CASE WHEN $7::boolean THEN coalesce(email_confirmed_at, now()) ELSE email_confirmed_at END,
       phone_confirmed_at = CASE WHEN $8::boolean THEN coalesce(phone_confirmed_at, now()) ELSE phone_confirmed_at END,
       banned_until = CASE WHEN $9::double precision IS NULL THEN banned_until
                           WHEN $9::double precision > 0 THEN now() + make_interval(secs => $9::double precision) END,
       updated_at = now()
 WHERE id = $1::uuid
