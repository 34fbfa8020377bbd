-- Purpose: a sign-in that ends elsewhere: whoever began it has the verifier of
-- the challenge. Parameters: $1 user's id, $2 authentication method, $3
-- challenge, $4 its method.
INSERT INTO auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, created_at, updated_at, authentication_method)
VALUES (gen_random_uuid(), $1::uuid, gen_random_uuid()::text, $4::text::auth.code_challenge_method, $3::text, $2::text, now(), now(), $2::text)
