-- Purpose: objects are no more. Parameters: $1 bucket's id, $2 names, NULL = all.
-- Columns: as struct object.
DELETE FROM storage.objects WHERE bucket_id = $1::text AND ($2::text[] IS NULL OR name = ANY ($2::text[]))
RETURNING id::text, bucket_id, name, coalesce(owner_id, ''), coalesce(version, ''), coalesce(metadata, '{}'), user_metadata, created_at, updated_at, last_accessed_at
