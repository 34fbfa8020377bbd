-- Purpose: a challenge of a factor that nobody has answered yet. Parameters: $1
-- its id, $2 factor's id, $3 seconds that it lives. Columns: whether it is in
-- time.
SELECT created_at + make_interval(secs => $3::double precision) > now()
  FROM auth.mfa_challenges WHERE id = $1::uuid AND factor_id = $2::uuid AND verified_at IS NULL FOR UPDATE
