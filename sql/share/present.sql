-- Purpose: whether there are shares here: the migrations have run.
-- Run by: the role of romashka-db-background-uri.
SELECT to_regclass('romashka.shares') IS NOT NULL
