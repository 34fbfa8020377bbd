-- Purpose: a bucket is no more. Parameters: $1 id.
DELETE FROM storage.buckets WHERE id = $1::text
