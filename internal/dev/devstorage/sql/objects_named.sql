-- Purpose: which of some objects the caller may see. Parameters: $1 bucket's
-- id, $2 names. Columns: name.
SELECT name FROM storage.objects WHERE bucket_id = $1::text AND name = ANY ($2::text[])
