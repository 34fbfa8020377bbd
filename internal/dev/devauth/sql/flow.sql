-- Purpose: a sign-in by its code, locked. Parameters: $1 code, $2 seconds that
-- it lives. Columns: id, user's id, authentication method, challenge, its
-- method, whether it is in time.
SELECT id::text, user_id::text, authentication_method, code_challenge, code_challenge_method::text,
       coalesce(auth_code_issued_at, created_at) + make_interval(secs => $2::double precision) > now()
  FROM auth.flow_state WHERE auth_code = $1::text AND user_id IS NOT NULL FOR UPDATE
