-- The faults of a piece of the chain.
-- Input: $1 after which seq, $2 up to which.
-- Returns seq, line or NULL, fault.
-- Run by: the login of the command line.
SELECT seq, line_id::text, fault FROM romashka.audit_faults($1, $2)
