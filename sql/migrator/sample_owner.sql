-- Purpose: the profile that the sample's sessions belong to.
-- Parameters: $1 text, an email; '' for the demo user, or else, as in the seed,
--   for any profile: the oldest.
-- Columns: id uuid; no row if there is nobody.
-- Run by: internal/database/migrator.
SELECT id
FROM public.profiles
WHERE $1::text IN ('', email)
ORDER BY (email = 'user@demo.romashka.test') DESC, created_at, id
LIMIT 1
