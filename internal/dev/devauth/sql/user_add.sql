-- Purpose: a new user, with his identity and profile where he has an address.
-- Parameters: $1 id or NULL, $2 e-mail ('' = none), $3 password ('' = none) or
-- $4 its bcrypt hash, $5 the user's metadata, $6 more of the project's, $7
-- whether the address is confirmed, $8 whether he is anonymous, $9 phone ('' =
-- none), $10 role. Columns: id. Fails with 23505 if the address, the phone or
-- the id is another's.
WITH account AS (
  INSERT INTO auth.users
    (instance_id, id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at, is_anonymous,
     confirmation_token, recovery_token, email_change_token_new, email_change,
     raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  VALUES
    ('00000000-0000-0000-0000-000000000000', coalesce($1::text::uuid, gen_random_uuid()), 'authenticated', $10::text,
     nullif(lower($2::text), ''), nullif($9::text, ''),
     CASE WHEN $4::text <> '' THEN $4::text WHEN $3::text = '' THEN '' ELSE extensions.crypt($3::text, extensions.gen_salt('bf', 10)) END,
     CASE WHEN $7::boolean AND $2::text <> '' THEN now() END, CASE WHEN $7::boolean AND $9::text <> '' THEN now() END, $8::boolean,
     '', '', '', '',
     CASE WHEN $8::boolean THEN '{}'::jsonb
          WHEN $2::text = '' THEN '{"provider": "phone", "providers": ["phone"]}'
          ELSE '{"provider": "email", "providers": ["email"]}' END || $6::jsonb,
     $5::jsonb, now(), now())
  RETURNING id, email, phone
), identity AS (
  INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  SELECT id::text, id, $5::jsonb || jsonb_strip_nulls(jsonb_build_object('sub', id, 'email', email, 'phone', phone,
           'email_verified', $7::boolean AND email IS NOT NULL, 'phone_verified', $7::boolean AND phone IS NOT NULL)),
         CASE WHEN email IS NULL THEN 'phone' ELSE 'email' END, now(), now()
    FROM account WHERE email IS NOT NULL OR phone IS NOT NULL
), profile AS (
  INSERT INTO public.profiles (id, email, full_name, company_name, website_url)
  SELECT id, email, coalesce($5::jsonb ->> 'full_name', $5::jsonb ->> 'fullName'),
         $5::jsonb ->> 'companyName', $5::jsonb ->> 'websiteUrl'
    FROM account WHERE email IS NOT NULL
)
SELECT id::text FROM account
