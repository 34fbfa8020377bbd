-- Purpose: whether a bucket has objects. Parameters: $1 id.
SELECT EXISTS (SELECT FROM storage.objects WHERE bucket_id = $1::text)
