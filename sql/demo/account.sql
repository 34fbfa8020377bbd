-- Purpose: an account that nobody can sign in to: it has no password.
-- Parameters: $1 uuid, $2 text, e-mail, $3 timestamptz, when it was made.
-- Run by: internal/database/migrator/demo, as the owner of the project.
INSERT INTO auth.users
  (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
   confirmation_token, recovery_token, email_change_token_new, email_change,
   raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
VALUES
  ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2, '', $3,
   '', '', '', '', '{"provider": "email", "providers": ["email"]}', '{}', $3, $3)
ON CONFLICT (id) DO NOTHING
