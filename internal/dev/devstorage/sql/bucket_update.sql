-- Purpose: other properties of a bucket. Parameters: $1 id, $2 public or NULL =
-- as it is, $3 whether the limit changes, $4 limit or NULL = none, $5 whether the
-- media types change, $6 media types or NULL = all.
UPDATE storage.buckets
   SET public = coalesce($2::boolean, public),
       file_size_limit = CASE WHEN $3::boolean THEN $4::bigint ELSE file_size_limit END,
       allowed_mime_types = CASE WHEN $5::boolean THEN $6::text[] ELSE allowed_mime_types END,
       updated_at = now()
 WHERE id = $1::text
