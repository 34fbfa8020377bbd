-- Reports whether there is a chain over the trail.
-- Returns one boolean.
-- Run by: the login of background work.
SELECT to_regclass('romashka.audit_chain') IS NOT NULL
