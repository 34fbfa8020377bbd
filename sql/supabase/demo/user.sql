-- Purpose: one user who can sign in with a password, with his profile.
-- Parameters: $1 e-mail, $2 password, $3 full name, $4 profiles.role.
-- Returns: his id. Run by: supabase_admin.
WITH account AS (
  INSERT INTO auth.users
    (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at,
     confirmation_token, recovery_token, email_change_token_new, email_change,
     raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  VALUES
    ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', lower($1::text),
     extensions.crypt($2::text, extensions.gen_salt('bf', 10)), now(), NULL,
     '', '', '', '',
     '{"provider": "email", "providers": ["email"]}', jsonb_build_object('full_name', $3::text), now(), now())
  RETURNING id, email
), identity AS (
  INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  SELECT id::text, id, jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
         'email', now(), now()
    FROM account
), profile AS (
  INSERT INTO public.profiles (id, email, full_name, role, onboarding_completed, onboarding_completed_at)
  SELECT id, email, $3::text, $4::text, true, now() FROM account
)
SELECT id FROM account
