-- Makes lines of the trail of the new rows in the API log.
-- Returns how many.
-- Run by: the login of background work.
SELECT romashka.gather_audit()
