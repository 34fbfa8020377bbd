-- Reports whether addresses can be refused: the table is there.
-- Returns one boolean.
-- Run by: the role of romashka-db-background-uri.
SELECT to_regclass('romashka.blocked_addresses') IS NOT NULL
