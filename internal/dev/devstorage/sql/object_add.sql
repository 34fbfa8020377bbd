-- Purpose: a new object. Parameters: $1 id, $2 bucket's id, $3 name, $4 owner
-- ('' = none), $5 version, $6 metadata, $7 the user's metadata. Fails with 23505
-- if there is one. No RETURNING: that would need the right to read it.
INSERT INTO storage.objects (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)
VALUES ($1::uuid, $2::text, $3::text, CASE WHEN $4::text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $4::text::uuid END,
        nullif($4::text, ''), $5::text, $6::jsonb, $7::jsonb)
