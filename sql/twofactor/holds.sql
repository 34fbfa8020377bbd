-- Purpose: whether a user has every permission of another that decides something.
-- Parameters: $1 uuid user, $2 uuid the other.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.holds_all($1, romashka.entries_of($2), true)
