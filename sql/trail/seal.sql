-- Seals lines that wait.
-- Input: $1 at most so many.
-- Returns how many were sealed, and the end of the chain.
-- Run by: the login of background work.
SELECT sealed, seq, hash FROM romashka.seal_audit($1)
