-- Purpose: a factor is no more. Parameters: $1 its id.
DELETE FROM auth.mfa_factors WHERE id = $1::uuid
