-- Purpose: the object that is replaced, locked. Parameters: $1 bucket's id, $2
-- name. Columns: id, version.
SELECT id::text, coalesce(version, '') FROM storage.objects WHERE bucket_id = $1::text AND name = $2::text FOR UPDATE
