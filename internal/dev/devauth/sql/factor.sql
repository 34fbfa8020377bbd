-- Purpose: a factor of a user, locked. Parameters: $1 its id, $2 user's id.
-- Columns: secret, whether it is verified, as JSON for the project's server.
SELECT coalesce(secret, ''), status = 'verified',
       json_strip_nulls(json_build_object('id', id, 'created_at', created_at, 'updated_at', updated_at, 'status', status,
         'friendly_name', nullif(friendly_name, ''), 'factor_type', factor_type))
  FROM auth.mfa_factors WHERE id = $1::uuid AND user_id = $2::uuid FOR UPDATE
