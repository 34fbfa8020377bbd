-- Purpose: objects by how their names begin, with those below the next slash as
-- one folder where that is wanted. Parameters: $1 bucket's id, $2 prefix, $3
-- whether there are folders, $4 sort column, $5 order, $6 limit, $7 offset.
-- Columns: name, then for objects id, updated, created, accessed, metadata.
WITH found AS (
  SELECT o.*, $3::boolean AND position('/' IN substr(o.name, length($2::text) + 1)) > 0 AS below
    FROM storage.objects o
   WHERE o.bucket_id = $1::text AND starts_with(o.name, $2::text)
), entries AS (
  SELECT $2::text || split_part(substr(name, length($2::text) + 1), '/', 1) || '/' AS name, NULL::text AS id, max(updated_at) AS updated_at,
         max(created_at) AS created_at, NULL::timestamptz AS last_accessed_at, NULL::jsonb AS metadata
    FROM found WHERE below GROUP BY 1
   UNION ALL
  SELECT name, id::text, updated_at, created_at, last_accessed_at, coalesce(metadata, '{}') FROM found WHERE NOT below
)
SELECT name, id, updated_at, created_at, last_accessed_at, metadata
  FROM entries
 ORDER BY CASE WHEN $5::text = 'asc' THEN CASE $4::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END END,
          CASE WHEN $5::text = 'desc' THEN CASE $4::text WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END END DESC,
          CASE WHEN $5::text = 'asc' THEN name END COLLATE "C",
          CASE WHEN $5::text = 'desc' THEN name END COLLATE "C" DESC
 LIMIT $6::bigint OFFSET $7::bigint
