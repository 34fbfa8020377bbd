-- Purpose: an object, new or in place of an old one. Parameters: as of
-- object_add.
INSERT INTO storage.objects (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)
VALUES ($1::uuid, $2::text, $3::text, CASE WHEN $4::text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $4::text::uuid END,
        nullif($4::text, ''), $5::text, $6::jsonb, $7::jsonb)
ON CONFLICT (bucket_id, name) DO UPDATE
   SET owner = excluded.owner, owner_id = excluded.owner_id, version = excluded.version, metadata = excluded.metadata,
       user_metadata = excluded.user_metadata
