-- Ends the sessions of a sign-out that Supabase Auth has answered with success:
-- the one that asked (scope local), all others of its user (others), or all
-- (global). A session that is not a row yet is written down as ended.
-- Input: $1 the session, $2 its user, $3 the scope, $4 when that was asked.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.sign_out($1::uuid, $2::uuid, $3, $4::timestamptz)
