-- Purpose: a share with the claims that it is read with; no row where it has ended, or
-- its user may not read any more.
-- Parameters: $1 uuid share.
-- Columns: id, kind, user_id, row_id, page, block, query, origins, recipients, schedule, language, expires_at, claims.
-- Run by: the role of romashka-db-background-uri.
SELECT s.id, s.kind, s.user_id, s.row_id, COALESCE(s.page, '') AS page, COALESCE(s.block, '') AS block, s.query, s.origins, s.recipients,
       COALESCE(s.schedule, '') AS schedule, s.language, LEAST(s.expires_at, now() + interval '10 years') AS expires_at, c.claims::text AS claims
FROM romashka.shares AS s CROSS JOIN LATERAL romashka.share_claims(s.id) AS c (claims)
WHERE s.id = $1 AND c.claims IS NOT NULL
