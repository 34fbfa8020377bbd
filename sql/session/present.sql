-- Reports whether sessions can be written down: the tables are there.
-- Returns one boolean.
-- Run by: the role of romashka-db-background-uri.
SELECT to_regclass('romashka.sessions') IS NOT NULL AND to_regclass('public.security_sessions') IS NOT NULL
