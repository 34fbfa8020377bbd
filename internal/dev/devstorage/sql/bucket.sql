-- Purpose: a bucket. Parameters: $1 id. Columns: as struct bucket.
SELECT id, name, coalesce(owner_id, owner::text, ''), coalesce(public, false), type::text, file_size_limit, allowed_mime_types, created_at, updated_at
  FROM storage.buckets WHERE id = $1::text
