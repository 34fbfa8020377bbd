-- Deletes the lines up to a checkpoint.
-- Input: $1 seq, $2 when, $3 signature of the cut.
-- Returns how many lines.
-- Run by: the login of background work, in the transaction of due.sql.
SELECT romashka.cut_audit($1, $2, $3)
