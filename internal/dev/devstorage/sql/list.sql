-- Purpose: what lies in a folder: the folders in it, then the objects.
-- Parameters: $1 bucket's id, $2 folder with a slash at its end ('' = the root),
-- $3 how the names begin ('' = anyhow), $4 sort column, $5 order, $6 limit, $7
-- offset. Columns: name, then for objects id, updated, created, accessed,
-- metadata. Upper and lower case are the same, as at Supabase.
WITH found AS (
  SELECT o.*, array_length(string_to_array($2::text, '/'), 1) AS level
    FROM storage.objects o
   WHERE o.bucket_id = $1::text AND starts_with(lower(o.name), lower($2::text || $3::text))
), entries AS (
  SELECT path_tokens[coalesce(level, 1)] AS name, true AS folder, NULL::text AS id, NULL::timestamptz AS updated_at,
         NULL::timestamptz AS created_at, NULL::timestamptz AS last_accessed_at, NULL::jsonb AS metadata
    FROM found WHERE array_length(path_tokens, 1) > coalesce(level, 1) GROUP BY 1
   UNION ALL
  SELECT path_tokens[coalesce(level, 1)], false, id::text, updated_at, created_at, last_accessed_at, coalesce(metadata, '{}')
    FROM found WHERE array_length(path_tokens, 1) = coalesce(level, 1)
)
SELECT name, id, updated_at, created_at, last_accessed_at, metadata
  FROM entries
 ORDER BY NOT folder,
          CASE WHEN ($4::text = 'name' OR folder) AND $5::text = 'asc' THEN name END COLLATE "C",
          CASE WHEN ($4::text = 'name' OR folder) AND $5::text = 'desc' THEN name END COLLATE "C" DESC,
          CASE WHEN $5::text = 'asc' THEN CASE $4::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at WHEN 'last_accessed_at' THEN last_accessed_at END END,
          CASE WHEN $5::text = 'desc' THEN CASE $4::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at WHEN 'last_accessed_at' THEN last_accessed_at END END DESC,
          name COLLATE "C"
 LIMIT $6::bigint OFFSET $7::bigint
