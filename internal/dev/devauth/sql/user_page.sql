-- Purpose: a page of all users, the newest first. Parameters: $1 how many,
-- $2 how many before them, $3 text that the address or a name has in it ('' =
-- all). Columns: ids, and how many users there are.
WITH found AS (
  SELECT id, created_at
    FROM auth.users
   WHERE deleted_at IS NULL AND aud = 'authenticated'
     AND ($3::text = '' OR position(lower($3::text) IN lower(concat_ws(' ', email, raw_user_meta_data ->> 'full_name'))) > 0)
)
SELECT coalesce((SELECT array_agg(id::text ORDER BY created_at DESC, id)
                   FROM (SELECT id, created_at FROM found ORDER BY created_at DESC, id LIMIT $1::bigint OFFSET $2::bigint) page), '{}'),
       (SELECT count(*) FROM found)
