-- Purpose: another address of a user, with his identity and profile; who had
-- none is no guest any more. Parameters: $1 id, $2 e-mail, $3 whether it is
-- confirmed. Fails with 23505 if it is another's.
WITH account AS (
  UPDATE auth.users
     SET email = lower($2::text), email_change = '',
         email_confirmed_at = CASE WHEN $3::boolean THEN coalesce(email_confirmed_at, now()) ELSE email_confirmed_at END,
         is_anonymous = is_anonymous AND NOT $3::boolean,
         raw_app_meta_data = CASE WHEN coalesce(raw_app_meta_data, '{}') ? 'provider' THEN raw_app_meta_data
                                  ELSE coalesce(raw_app_meta_data, '{}') || '{"provider": "email", "providers": ["email"]}' END,
         updated_at = now()
   WHERE id = $1::uuid
  RETURNING id, email, raw_user_meta_data
), profile AS (
  INSERT INTO public.profiles (id, email) SELECT id, email FROM account
  ON CONFLICT (id) DO UPDATE SET email = excluded.email
)
INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
SELECT id::text, id, jsonb_build_object('sub', id, 'email', email, 'email_verified', $3::boolean, 'phone_verified', false), 'email', now(), now()
  FROM account
ON CONFLICT (provider_id, provider) DO UPDATE
   SET identity_data = identities.identity_data || jsonb_build_object('email', excluded.email, 'email_verified', $3::boolean), updated_at = now()
