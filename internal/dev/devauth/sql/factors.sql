-- Purpose: what a new factor of a user depends on. Parameters: $1 user's id, $2
-- its name. Columns: how many he has, how many of them are verified, whether
-- one has the name. Those that were never verified are forgotten after a day.
WITH stale AS (
  DELETE FROM auth.mfa_factors WHERE user_id = $1::uuid AND status = 'unverified' AND created_at < now() - interval '1 day' RETURNING id
)
SELECT count(*), count(*) FILTER (WHERE status = 'verified'), coalesce(bool_or(friendly_name = $2::text), false)
  FROM auth.mfa_factors WHERE user_id = $1::uuid AND id NOT IN (SELECT id FROM stale)
