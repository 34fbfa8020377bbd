-- Purpose: the rights of users at this moment, to compare with those of a while ago.
-- Parameters: $1 uuid[] users. Columns: user_id, rights (a text that changes with them).
-- Run by: the role of romashka-db-background-uri.
SELECT u.id::text AS user_id, romashka.entries_of(u.id)::text AS rights FROM unnest($1::uuid[]) AS u (id)
