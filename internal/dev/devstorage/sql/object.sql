-- Purpose: an object. Parameters: $1 bucket's id, $2 name. Columns: as struct
-- object.
SELECT id::text, bucket_id, name, coalesce(owner_id, ''), coalesce(version, ''), coalesce(metadata, '{}'), user_metadata, created_at, updated_at, last_accessed_at
  FROM storage.objects WHERE bucket_id = $1::text AND name = $2::text
