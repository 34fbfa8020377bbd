-- Purpose: the buckets that the caller may see. Parameters: $1 text that the
-- name has in it ('' = all), $2 sort column, $3 order, $4 limit or NULL, $5
-- offset. Columns: as struct bucket.
SELECT id, name, coalesce(owner_id, owner::text, ''), coalesce(public, false), type::text, file_size_limit, allowed_mime_types, created_at, updated_at
  FROM storage.buckets
 WHERE $1::text = '' OR position(lower($1::text) IN lower(name)) > 0
 ORDER BY CASE WHEN $3::text = 'asc' THEN CASE $2::text WHEN 'id' THEN id WHEN 'name' THEN name END END,
          CASE WHEN $3::text = 'desc' THEN CASE $2::text WHEN 'id' THEN id WHEN 'name' THEN name END END DESC,
          CASE WHEN $3::text = 'asc' THEN CASE $2::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END END,
          CASE WHEN $3::text = 'desc' THEN CASE $2::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END END DESC,
          id
 LIMIT $4::bigint OFFSET $5::bigint
