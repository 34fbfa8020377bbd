-- Purpose: another place of an object. Parameters: $1 bucket's id, $2 name, $3
-- new bucket's id, $4 new name, $5 owner ('' = as it is).
UPDATE storage.objects
   SET bucket_id = $3::text, name = $4::text, owner_id = coalesce(nullif($5::text, ''), owner_id),
       owner = CASE WHEN $5::text ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $5::text::uuid ELSE owner END
 WHERE bucket_id = $1::text AND name = $2::text
