-- Purpose: more of a user's metadata. Parameters: $1 id, $2 metadata that is
-- laid over the old; null deletes a key.
UPDATE auth.users
   SET raw_user_meta_data = jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}') || $2::jsonb), updated_at = now()
 WHERE id = $1::uuid
