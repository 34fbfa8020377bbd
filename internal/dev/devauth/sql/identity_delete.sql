-- Purpose: an identity is taken off a user. Parameters: $1 its id, $2 user's id.
DELETE FROM auth.identities WHERE id = $1::uuid AND user_id = $2::uuid
