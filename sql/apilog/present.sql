-- Reports whether the API security log can be written: one boolean.
-- Run by: the role of romashka-db-background-uri.
SELECT to_regclass('public.api_security_logs') IS NOT NULL AND to_regclass('public.profiles') IS NOT NULL
