-- The hash of the chain at a place.
-- Input: $1 seq.
-- Returns hash.
-- Run by: the login of the command line.
SELECT hash FROM romashka.audit_chain WHERE seq = $1
UNION ALL SELECT hash FROM romashka.audit_start() WHERE seq = $1 LIMIT 1
