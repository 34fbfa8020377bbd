-- Purpose: forgets shares that ended a month ago, and files of those that have ended.
-- Run by: the role of romashka-db-background-uri.
WITH files AS (
  DELETE FROM romashka.share_files AS f USING romashka.shares AS s
  WHERE s.id = f.share_id AND (s.revoked_at IS NOT NULL OR s.expires_at < now())
)
DELETE FROM romashka.shares AS s WHERE s.revoked_at < now() - interval '30 days' OR s.expires_at < now() - interval '30 days'
