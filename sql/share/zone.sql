-- Purpose: the tenant's zone, UTC where none is set.
-- Run by: the role of romashka-db-background-uri.
SELECT COALESCE(romashka.setting('time_zone') #>> '{}', 'UTC')
