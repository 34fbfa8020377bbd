-- Purpose: a new bucket. Parameters: $1 id, $2 name, $3 owner ('' = none), $4
-- public, $5 limit of a file's bytes or NULL, $6 media types or NULL. Fails with
-- 23505 if it exists.
INSERT INTO storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)
VALUES ($1::text, $2::text, CASE WHEN $3::text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $3::text::uuid END, nullif($3::text, ''),
        $4::boolean, $5::bigint, $6::text[])
