-- Purpose: a new user with his identity and profile. Parameters: $1 e-mail,
-- $2 password, $3 metadata. Columns: id. Fails with 23505 if he exists.
WITH account AS (
  INSERT INTO auth.users
    (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
     confirmation_token, recovery_token, email_change_token_new, email_change,
     raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  VALUES
    ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', lower($1::text),
     extensions.crypt($2::text, extensions.gen_salt('bf', 10)), now(),
     '', '', '', '',
     '{"provider": "email", "providers": ["email"]}', $3::jsonb, now(), now())
  RETURNING id, email
), identity AS (
  INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  SELECT id::text, id, $3::jsonb || jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
         'email', now(), now()
    FROM account
), profile AS (
  INSERT INTO public.profiles (id, email, full_name, company_name, website_url)
  SELECT id, email, coalesce($3::jsonb ->> 'full_name', $3::jsonb ->> 'fullName'),
         $3::jsonb ->> 'companyName', $3::jsonb ->> 'websiteUrl'
    FROM account
)
SELECT id::text FROM account
